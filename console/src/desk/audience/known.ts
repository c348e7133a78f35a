import type { Language } from '../../shared/moment.ts';

type Value = readonly [value: string, zh: string, en: string];

/** What the tiers that ship with the house are called; other words may be written, for rules that a house changed. */
const KNOWN: Readonly<Record<string, readonly Value[]>> = {
  layer: [
    ['active_high_value', '高净值活跃', 'active, high value'],
    ['potential', '潜力增长', 'growing'],
    ['low_frequency_value', '低频价值', 'valuable, seldom trading'],
    ['churn_risk', '流失风险', 'likely to leave'],
    ['ordinary', '普通', 'ordinary'],
  ],
  asset_band: [
    ['core', '核心', 'core'],
    ['key', '重点', 'key'],
    ['basic', '基础', 'basic'],
  ],
  frequency_band: [
    ['high', '高频', 'high'],
    ['medium', '中频', 'medium'],
    ['low', '低频', 'low'],
    ['none', '无交易', 'none'],
  ],
  risk_band: [
    ['high', '进取', 'bold'],
    ['middle', '稳健', 'balanced'],
    ['low', '保守', 'careful'],
    ['unknown', '未测评', 'not assessed'],
  ],
  loyalty_band: [
    ['loyal', '忠诚', 'loyal'],
    ['steady', '稳定', 'steady'],
    ['fresh', '待培养', 'fresh'],
  ],
  credit_risk: [
    ['high', '高风险', 'high'],
    ['middle', '中风险', 'middle'],
    ['low', '低风险', 'low'],
  ],
  credit_term: [
    ['short', '短线', 'short term'],
    ['long', '中长线', 'medium and long term'],
  ],
  credit_style: [
    ['active', '主动型', 'active'],
    ['passive', '被动型', 'passive'],
  ],
  stage: [
    ['prospect', '未开户', 'no account yet'],
    ['opened', '已开户未入金', 'opened, no deposit'],
    ['new', '新客户', 'new'],
    ['growing', '成长期', 'growing'],
    ['mature', '成熟期', 'mature'],
    ['silent', '沉默期', 'silent'],
    ['lost', '流失', 'lost'],
  ],
  investor_class: [
    ['ordinary', '普通投资者', 'ordinary investor'],
    ['professional', '专业投资者', 'professional investor'],
  ],
  risk_level: ['C1', 'C2', 'C3', 'C4', 'C5'].map((level) => [level, level, level]),
};

export function optionsOf(field: string, language: Language): { value: string; label: string }[] {
  return (KNOWN[field] ?? []).map(([value, zh, en]) => ({ value, label: language === 'zh' ? zh : en }));
}
