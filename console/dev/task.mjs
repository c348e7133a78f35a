// The tasks of the fake house, and what happened to its clients.
import { randomUUID } from 'node:crypto';
import { fail, reply } from './http.mjs';

const MINUTE = 60_000;
const OUTCOMES = {
  reached: ['已联系上客户', 'the client was reached'],
  no_answer: ['无人接听', 'nobody answered'],
  wrong_number: ['号码有误', 'the number is wrong'],
  refused: ['客户拒绝沟通', 'the client did not want to talk'],
  done: ['已处理', 'done'],
};
const RANK = { critical: 0, high: 1, normal: 2, low: 3 };

export class Tasks {
  constructor(house, tell) {
    this.house = house;
    this.tell = tell;
    this.rows = [];
    const notice = {
      priority: 'critical',
      title: '追保通知未触达，请立即致电客户',
      detail: '风险率 108%，需在今天 14:30 前追加保证金 ¥86,400.00。推送、短信与语音均未确认。',
      due: 9,
      notice_id: randomUUID(),
    };
    this.open({ client: ['c-60010001', '王**'], ...notice });
    const drawdown = { priority: 'high', title: '单日回撤超过 20%，关注客户情绪', due: -35 };
    this.open({ client: ['c-60010002', '赵**'], detail: '昨日回撤 23.4%，近 90 天有一次投诉。', ...drawdown });
    this.open({
      client: ['c-60010003', '欧阳**'],
      title: '新客户首次入金，请致电欢迎',
      detail: '了解投资经验与关注品种，介绍交易软件、出入金与风险控制，确认风险测评有效。',
      due: 60 * 26,
    });
  }

  open({ client, title, detail = '', priority = 'normal', kind = 'call', due = null, notice_id = null }) {
    const now = this.house.now().getTime();
    const row = {
      id: randomUUID(),
      kind,
      title,
      detail,
      priority,
      state: 'open',
      outcome: null,
      outcome_zh: null,
      outcome_en: null,
      client: { id: client[0], name: client[1] },
      manager: '周航',
      assignee: null,
      notice_id,
      due_at: due === null ? null : new Date(now + due * MINUTE).toISOString(),
      created_at: new Date(now - 20 * MINUTE).toISOString(),
      ended_at: null,
    };
    this.rows.push(row);
    this.tell({ type: 'task' });
    return row;
  }

  handle(response, person, { id, act, body, query }) {
    if (!id) return reply(response, 200, this.page(query.get('view')));
    const row = this.rows.find((one) => one.id === id);
    if (!row) return fail(response, 404, 'not_found', '没有这项任务。', 'There is no such task.');
    if (!act) return reply(response, 200, row);
    if (row.state !== 'open') return fail(response, 409, 'conflict', '该任务已结束。', 'The task is over.');
    this.house.record('task', { id, act, ...body });
    if (act === 'take' && row.assignee && row.assignee.id !== person.id)
      return fail(response, 409, 'conflict', '该任务已由同事领取。', 'A colleague has taken this task.');
    row.assignee = { id: person.id, name: person.name };
    if (act === 'done') this.end(row, 'done', body.outcome, OUTCOMES[body.outcome]);
    if (act === 'cancel') this.end(row, 'cancelled', body.why, [body.why, body.why]);
    this.tell({ type: 'task' });
    return reply(response, 200, row);
  }

  end(row, state, outcome, [outcome_zh, outcome_en]) {
    Object.assign(row, { state, outcome, outcome_zh, outcome_en, ended_at: this.house.now().toISOString() });
  }

  page(view) {
    const isLate = (one) => one.state === 'open' && one.due_at && Date.parse(one.due_at) < this.house.now().getTime();
    const views = {
      open: (one) => one.state === 'open',
      late: isLate,
      ended: (one) => one.state !== 'open',
    };
    const byUrgency = (a, b) => RANK[a.priority] - RANK[b.priority] || String(a.due_at).localeCompare(String(b.due_at));
    return {
      tasks: this.rows.filter(views[view]).sort(byUrgency),
      counts: { open: this.rows.filter(views.open).length, late: this.rows.filter(isLate).length },
    };
  }
}
