import { describe, expect, test } from 'vitest';
import { deliveryOf, isLost } from '../src/desk/workspace/delivery.ts';
import { makeWords } from '../src/desk/words/words.tsx';

const zh = makeWords('zh');
const en = makeWords('en');

describe('how far a message has come', () => {
  test('a lost one says why, with the code of the provider behind the words', () => {
    expect(deliveryOf({ state: 'rejected', why: 'recipient:43004' }, zh)).toEqual({
      text: '未送达：客户已取消关注或地址无效 (43004)',
      tone: 'lost',
    });
    expect(deliveryOf({ state: 'rejected', why: 'window' }, zh)?.text).toBe('未送达：回复时限已过或条数已用完');
    expect(deliveryOf({ state: 'failed', why: null }, en)?.text).toBe('Not delivered: sending failed');
    expect(deliveryOf({ state: 'failed', why: '-1' }, zh)?.text).toBe('未送达：发送失败 (-1)');
  });

  test('a code that means something by itself is said in its own words', () => {
    const why = 'window:95018_state_3';
    expect(deliveryOf({ state: 'rejected', why }, zh)?.text).toMatch(/企业微信里的接待人员/);
    expect(deliveryOf({ state: 'rejected', why }, en)?.text).toMatch(/inside WeCom/);
    expect(deliveryOf({ state: 'rejected', why: 'window:95001' }, zh)?.text).toMatch(/\(95001\)$/);
  });

  test('one without any word from the provider is unknown, first while it is asked for, then for good', () => {
    expect(deliveryOf({ state: 'unknown', why: 'timeout' }, zh)).toEqual({
      text: '送达未知，正在向渠道核实',
      tone: 'unsure',
    });
    for (const why of ['outcome_unknown', 'outcome_unknown:window:95001'])
      expect(deliveryOf({ state: 'failed', why }, zh)?.text).toMatch(/^送达未知：渠道没有回音/);
  });

  test('one under way or arrived is plain, and what was not sent by us says nothing', () => {
    expect(deliveryOf({ state: 'delivered', why: null }, zh)).toEqual({ text: '已送达', tone: 'plain' });
    expect(deliveryOf({ state: null }, zh)).toBeNull();
    expect(['failed', 'rejected', 'expired', 'unknown', 'read'].filter((state) => isLost({ state }))).toEqual([
      'failed',
      'rejected',
      'expired',
    ]);
  });
});
