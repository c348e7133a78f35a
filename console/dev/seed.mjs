// Plausible conversations for the fake desk: a WeChat client who waits, an app client with a long story, one without a card.
const MINUTE = 60_000;

export function seed(house) {
  const ago = (minutes) => new Date(house.now().getTime() - minutes * MINUTE);
  const talk = (conversation, turns) =>
    turns.forEach(([minutes, author, text]) =>
      house.say(conversation, { author, content: { kind: 'text', text }, at: ago(minutes) }),
    );

  const wang = house.conversationOf('openid-wang', { channel: 'wechat', client: { id: 'c-60010001', name: '王**' } });
  talk(wang, [
    [26, 'client', '我前天出金五万到招行，怎么到现在还没到账'],
    [26, 'bot', '您的出金申请（2026-11-20，招商银行，¥50,000.00）目前状态：处理中，预计今天 16:00 前到账。'],
    [24, 'client', '昨天也是这么说的，我急着用钱，给我找个人'],
  ]);
  house.openTicket(wang, {
    reason: 'client_asked',
    title: '出金未到账，客户着急',
    priority: 'high',
    openedAt: ago(24),
    summary:
      '客户查询 11 月 20 日出金 5 万元（招商银行）的进度；系统显示处理中，客户表示昨天已得到同样答复，要求人工。',
  });
  house.say(wang, { author: 'system', content: { kind: 'event', text: '已转人工' }, at: ago(24) });

  const zhao = house.conversationOf('60010002', { channel: 'chat', client: { id: 'c-60010002', name: '赵**' } });
  talk(zhao, [
    [9, 'client', '港股通知识测评通过了，为什么还是不能开通？'],
    [9, 'bot', '港股通还要求前 20 个交易日日均资产不低于 50 万元。您要我帮您核对条件吗？'],
    [8, 'client', '核对过了，都符合，还是显示失败'],
  ]);
  house.openTicket(zhao, {
    reason: 'unsure',
    title: '港股通开通失败',
    openedAt: ago(8),
    summary: '客户称港股通条件均满足但申请失败，助手无法判断原因。',
  });

  const stranger = house.conversationOf('visitor-seed', { channel: 'chat' });
  talk(stranger, [[3, 'client', '我要投诉：APP 昨天下午两点半左右卡住十几分钟，委托提交不了，损失谁承担？']]);
  house.openTicket(stranger, {
    reason: 'complaint',
    title: '投诉：APP 卡顿致委托失败',
    priority: 'urgent',
    openedAt: ago(3),
    summary: '匿名访客投诉 APP 昨日 14:30 前后无法提交委托，要求说明责任。',
  });
}
