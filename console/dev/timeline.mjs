// What happened to any client of the fake house: three pages of it.
const HOUR = 3_600_000;
const SAID = '您的出金申请正在处理，预计今天 16:00 前到账。如有疑问可随时联系您的客户经理。';
const ENTRIES = [
  ['message', '消息', 'message', { channel: 'wechat', state: 'read' }, SAID],
  ['ticket', '工单：出金未到账，客户着急', 'ticket: a withdrawal is late', { state: 'in_progress' }],
  ['event', '出金到账', 'withdrawal settled', { type: 'withdrawal_settled' }],
  ['notice', '通知', 'notice', { category: 'risk', state: 'reached' }],
  ['campaign', '营销消息：新品种规则解读', 'campaign message: New rules', { channel: 'email', state: 'delivered' }],
  ['consent', '同意与退订', 'consent', { channel: 'wechat', state: 'yes' }],
  ['tier', '分层变化：普通 → 潜力增长', 'change of layer: standard → growing', {}],
  ['journey', '客户旅程：新客户', 'journey: New client', { state: 'waiting' }],
  ['task', '待办：新客户首次入金，请致电欢迎', 'task: first deposit, please call', { state: 'done' }],
];

export function happenings(now, before) {
  const first = Number(before ?? 0);
  const entries = Array.from({ length: Math.min(20, 45 - first) }, (_, n) => {
    const [kind, zh, en, detail, text = null] = ENTRIES[(first + n) % ENTRIES.length];
    const at = new Date(now.getTime() - (first + n + 1) * 5 * HOUR).toISOString();
    return { id: `h-${first + n}`, at, kind, title: { zh, en }, detail, text };
  });
  return { entries, next: first + 20 < 45 ? String(first + 20) : null };
}
