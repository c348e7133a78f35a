// A handful of scripted replies, enough to see every shape of content on the screen.
const ANSWERS = [
  [
    /余额|balance/i,
    {
      kind: 'text',
      text: '您的资金情况如下（截至今天 09:30）：',
      card: {
        title: '股票账户',
        rows: [
          { label: '账户余额', value: '¥128,430.55' },
          { label: '可用资金', value: '¥96,210.00' },
          { label: '可取资金', value: '¥80,000.00' },
        ],
        note: '当日卖出的资金下一交易日可取。',
      },
    },
  ],
  [
    /创业板|ChiNext/i,
    {
      kind: 'text',
      feedback: true,
      article: { key: 'gem-open', title: '创业板交易权限开通条件' },
      text: '开通创业板需要同时满足：\n1. 前 20 个交易日日均资产不低于 10 万元\n2. 参与证券交易 24 个月以上\n3. 风险测评结果匹配\n详情见 https://www.szse.cn/lawrules/rule/ 。',
      choices: [
        { title: '帮我看看是否符合', payload: '/check_permission{"product":"gem"}' },
        { title: '科创板有什么不同？', payload: '科创板有什么不同？' },
      ],
    },
  ],
  [
    /长|long/i,
    { kind: 'text', text: '很长的一段说明。'.repeat(40) + '\nhttps://example.com/' + 'a-very-long-path/'.repeat(12) },
  ],
];
const UNSURE = {
  kind: 'text',
  text: '我不太确定您问的是哪一项，您想了解：',
  choices: [
    { title: '银证转账时间', payload: 'article:transfer-hours' },
    { title: '出金到账时间', payload: 'article:withdrawal-time' },
    { title: '转人工', payload: '转人工' },
  ],
};
const KNOWLEDGE = {
  kind: 'text',
  feedback: true,
  article: { key: 'transfer-hours', title: '银证转账服务时间' },
  text: '银证转账一般在交易日 9:00 至 16:00 办理，具体时间以您的存管银行为准。',
};

/** Answer a client's text as the house's assistant would: content, or 'handover' when a person is wanted. */
export function answer(text) {
  if (/人工|human|person|\/human/i.test(text)) return 'handover';
  const found = ANSWERS.find(([pattern]) => pattern.test(text));
  if (found) return found[1];
  return /时间|几点|多久|how|when/i.test(text) ? KNOWLEDGE : UNSURE;
}
