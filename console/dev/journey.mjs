// The journeys of the fake house: one that runs, drawn as the service draws it, and a small linter.
import { randomUUID } from 'node:crypto';
import { fail, reply } from './http.mjs';

const YAML = `# 新客户：开户欢迎；3 天未入金发短信教程；首次入金后由客户经理致电。
key: new-client
title: 新客户 · New client
trigger:
  event: account_opened
reentry: once
steps:
  - id: welcome
    send: {content: welcome, category: service, urgency: normal}
  - id: await-deposit
    wait_for: {event: first_deposit, timeout: 3d, then: call, otherwise: guide}
  - id: guide
    send: {content: deposit_tutorial, category: service, urgency: normal}
  - id: await-longer
    wait_for: {event: first_deposit, timeout: 27d, then: call, otherwise: no-deposit}
  - id: call
    open_task: {kind: call, title: 新客户首次入金，请致电欢迎, priority: normal}
  - id: deposited
    goal: first deposit
  - id: no-deposit
    exit: no deposit within 30 days
`;
const node = (id, kind, zh, en, row, column, note = '') => ({ id, kind, zh, en, note, row, column });
const edge = (from, to, words = '') => ({ from, to, words });
const GRAPH = {
  nodes: [
    node('start', 'trigger', '事件 account_opened', 'Event account_opened', 0, 0),
    node(
      'welcome',
      'send',
      '发送 welcome（normal）',
      'Send welcome (normal)',
      1,
      0,
      '欢迎信，含视频与客户经理联系方式',
    ),
    node('await-deposit', 'wait_for', '等待事件 first_deposit，最长 3 天', 'Wait for first_deposit, 3 d at most', 2, 0),
    node('guide', 'send', '发送 deposit_tutorial（normal）', 'Send deposit_tutorial', 3, 0, '3 天未入金，短信教程'),
    node('await-longer', 'wait_for', '等待事件 first_deposit，最长 27 天', 'Wait for first_deposit, 27 d', 4, 0),
    node(
      'call',
      'open_task',
      '开任务 新客户首次入金，请致电欢迎',
      'Open task: please call',
      5,
      0,
      '首次入金，客户经理致电',
    ),
    node('no-deposit', 'exit', '结束 no deposit within 30 days', 'Exit: no deposit within 30 days', 5, 1),
    node('deposited', 'goal', '达成 first deposit', 'Goal: first deposit', 6, 0),
  ],
  edges: [
    edge('start', 'welcome'),
    edge('welcome', 'await-deposit'),
    edge('await-deposit', 'call', '已发生 · came'),
    edge('await-deposit', 'guide', '否则 · otherwise'),
    edge('guide', 'await-longer'),
    edge('await-longer', 'call', '已发生 · came'),
    edge('await-longer', 'no-deposit', '否则 · otherwise'),
    edge('call', 'deposited'),
  ],
};
const AFTER = { submit: 'review', return: 'draft', approve: 'active', activate: 'active', retire: 'retired' };

export class Journeys {
  constructor(house) {
    this.house = house;
    this.standing = ['王**', '赵**'].map((name, n) => ({
      ...{ client_id: randomUUID(), entry_key: `event-${n}`, client_no: `****000${n + 1}`, name, step: 'guide' },
      trouble: '内容 deposit_tutorial 没有已审批的版本 · content deposit_tutorial has no approved version',
      entered_at: house.now().toISOString(),
      tried_again_at: new Date(house.now().getTime() + 3_600_000).toISOString(),
    }));
    this.rows = [
      this.make({ key: 'new-client', title: '新客户 · New client', state: 'active' }),
      this.make({ key: 'silent-client', title: '沉默客户 · Silent client', state: 'review', author_id: 'p-market' }),
    ];
  }

  make({ key, title, state, author_id = null, version = 1, definition = YAML }) {
    const at = this.house.now().toISOString();
    const activated_at = state === 'active' ? at : null;
    return {
      id: randomUUID(),
      key,
      version,
      title,
      state,
      author_id,
      approver_id: null,
      created_at: at,
      activated_at,
      definition,
    };
  }

  handle(response, person, { method, parts: [, id, act, deed], body }) {
    if (!id && method === 'GET') return reply(response, 200, { journeys: this.rows.map(show) });
    if (id === 'lint') return reply(response, 200, lint(body.definition));
    if (id === 'rehearsal') return rehearse(response, body);
    if (!id) return this.draft(response, person, body.definition);
    const row = this.rows.find((one) => one.id === id);
    if (!row) return fail(response, 404, 'not_found', '没有这个流程。', 'There is no such journey.');
    if (act === 'where') return reply(response, 200, WHERE);
    if (act === 'standing') return this.stand(response, person, { row, deed, body });
    if (method === 'GET')
      return reply(response, 200, { journey: show(row), definition: row.definition, ...lint(row.definition) });
    this.house.record('journey', { act, by: person.login, body });
    if (act === 'approve' && row.author_id === person.id)
      return fail(response, 403, 'not_allowed', '不能审批自己创建的流程。', 'Not your own.');
    row.state = AFTER[act];
    return reply(response, 200, { journey: show(row) });
  }

  /** Clients who stand: those of the journey that runs, until somebody moves or ends them. */
  stand(response, person, { row, deed, body }) {
    if (!deed) {
      const runs = row.state === 'active' ? this.standing : [];
      return reply(response, 200, { runs, count: runs.length });
    }
    this.house.record('standing', { act: deed, by: person.login, body });
    const isChosen = (one) =>
      body.runs.some((key) => key.client_id === one.client_id && key.entry_key === one.entry_key);
    const before = this.standing.length;
    this.standing = this.standing.filter((one) => !isChosen(one));
    return reply(response, 200, { count: before - this.standing.length });
  }

  draft(response, person, definition) {
    this.house.record('journey', { act: 'draft', by: person.login });
    const checked = lint(definition);
    if (!checked.ok)
      return fail(
        response,
        400,
        'invalid_input',
        `流程有误：第${checked.problems[0].line}行`,
        'The journey cannot run',
      );
    const key = /^key: (.*)$/m.exec(definition)?.[1] ?? 'x';
    const title = /^title: (.*)$/m.exec(definition)?.[1] ?? key;
    const version = this.rows.filter((one) => one.key === key).length + 1;
    const made = this.make({ key, title, state: 'draft', author_id: person.id, version, definition });
    this.rows.push(made);
    return reply(response, 201, { journey: show(made) });
  }
}

const WHERE = {
  waiting: [
    { step: 'await-deposit', n: 1204 },
    { step: 'await-longer', n: 388 },
  ],
  ended: [
    { outcome: 'first deposit', n: 2210 },
    { outcome: 'no deposit within 30 days', n: 190 },
  ],
  done: [{ step: 'welcome', result: 'sent', n: 3992 }],
};

/** What a rehearsal comes to: nobody in the last days, more the longer it looks back. */
function rehearse(response, { definition, since }) {
  if (!lint(definition).ok) return fail(response, 400, 'invalid_input', '流程有误', 'The journey cannot run');
  const days = Math.floor((Date.now() - Date.parse(`${since}T00:00:00+08:00`)) / 86_400_000);
  if (days > 366)
    return fail(response, 400, 'invalid_input', 'since 应在最近366天之内。', 'since is of the last 366 days.');
  const n = (part) => (days > 7 ? Math.round(days * part) : 0);
  const done = [
    { step: 'await-deposit', result: 'came', n: n(24) },
    { step: 'await-deposit', result: 'timed_out', n: n(12) },
    { step: 'call', result: 'opened', n: n(30) },
    { step: 'deposited', result: 'goal:first deposit', n: n(30) },
    { step: 'guide', result: 'sent', n: n(12) },
    { step: 'await-longer', result: 'came', n: n(6) },
    { step: 'welcome', result: 'sent', n: n(40) },
  ].filter((one) => one.n > 0);
  const waiting = [
    { step: 'await-deposit', n: n(4) },
    { step: 'await-longer', n: n(6) },
  ].filter((one) => one.n > 0);
  return reply(response, 200, {
    since: `${since}T00:00:00+08:00`,
    basis: 'history',
    events: n(71),
    entered: n(40),
    walked: n(40),
    waiting,
    done,
  });
}

function show({ definition: _, ...row }) {
  return row;
}

function lint(definition) {
  const problems = definition.split('\n').flatMap((line, n) => {
    const unknown = /event: (\w+)/.exec(line)?.[1];
    if (!unknown || ['account_opened', 'first_deposit'].includes(unknown)) return [];
    return [
      {
        line: n + 1,
        where: 'trigger',
        zh: `没有事件 ${unknown}。`,
        en: `There is no event ${unknown}.`,
        is_warning: false,
      },
    ];
  });
  const ok = problems.length === 0;
  return { ok, problems, graph: ok ? GRAPH : null, mermaid: null };
}
