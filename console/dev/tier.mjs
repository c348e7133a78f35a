// The tiers of the fake house: rules in versions, and computations that go one step further each time somebody looks.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fail, reply } from './http.mjs';

const STEPS = ['count', 'lines', 'score', 'write', 'done'];
const HOUR = 3_600_000;
/** The rules as they were shipped, in brief. */
export const SHIPPED = JSON.parse(await readFile(new URL('tier.json', import.meta.url), 'utf8'));
const BEFORE = {
  active_high_value: 41_230,
  churn_risk: 88_411,
  low_frequency_value: 52_004,
  potential: 130_551,
  ordinary: 307_804,
};
const AFTER = {
  active_high_value: 41_870,
  churn_risk: 92_130,
  low_frequency_value: 51_377,
  potential: 129_019,
  ordinary: 305_604,
};
const MOVES = [
  { before: 'potential', after: 'churn_risk', clients: 2_410 },
  { before: 'ordinary', after: 'churn_risk', clients: 1_309 },
  { before: 'potential', after: 'active_high_value', clients: 640 },
];

export class Tiers {
  constructor(house) {
    this.house = house;
    this.versions = [];
    const now = house.now().getTime();
    this.runs = [
      this.make({ at: now - 9 * HOUR, layers: AFTER, changed: 6_120, moves: MOVES }),
      this.make({ at: now - 33 * HOUR, layers: BEFORE, changed: 620_000, moves: [] }),
    ];
  }

  make({ at, layers = {}, changed = null, moves = [], person = null, state = 'done', step = 'done' }) {
    const clients = state === 'done' ? Object.values(layers).reduce((sum, n) => sum + n, 0) : null;
    const ended = state === 'done' ? new Date(at + 12_000).toISOString() : null;
    return {
      ...{ id: randomUUID(), actor: 'worker:night', person, state, step, version: this.versions.length },
      ...{ clients, changed, lines: {}, layers, moves, at: new Date(at).toISOString(), ended_at: ended },
    };
  }

  get rules() {
    return this.versions.at(-1)?.rules ?? SHIPPED;
  }

  /** Somebody keeps a new version. */
  keep(rules, author) {
    this.versions.push({ version: this.versions.length + 1, rules, author, at: this.house.now().toISOString() });
  }

  handle(response, person, { method, parts: [, area, version], body }) {
    if (!person.roles.some((role) => ['marketing', 'supervisor', 'admin'].includes(role)))
      return fail(response, 403, 'not_allowed', '您没有该操作的权限。', 'You may not do that.');
    if (area === 'runs') return this.run(response, person, method);
    if (version !== undefined) {
      const rules = version === '0' ? SHIPPED : this.versions[Number(version) - 1]?.rules;
      return rules
        ? reply(response, 200, { version: Number(version), rules })
        : fail(response, 404, 'not_found', '没有这个版本。', 'There is no such version.');
    }
    if (method === 'PUT') {
      if (body.version !== this.versions.length)
        return fail(response, 409, 'conflict', '分层规则已被他人修改，请刷新后重试。', 'They were changed meanwhile.');
      this.house.record('tier-rules', { by: person.login, ...body });
      this.keep(body.rules, person.name);
    }
    const history = this.versions.map(({ rules: _, ...one }) => one).reverse();
    return reply(response, 200, { version: this.versions.length, rules: this.rules, shipped: SHIPPED, history });
  }

  run(response, person, method) {
    const [newest] = this.runs;
    if (method === 'GET') {
      if (newest?.state === 'running') this.goOn(newest);
      return reply(response, 200, { runs: this.runs });
    }
    if (newest?.state === 'running')
      return fail(response, 409, 'conflict', '分层正在计算中。', 'They are being computed.');
    this.house.record('tier-run', { by: person.login });
    this.runs.unshift(
      this.make({ at: this.house.now().getTime(), person: person.name, state: 'running', step: 'begin' }),
    );
    return reply(response, 202, { ok: true });
  }

  goOn(run) {
    run.step = STEPS[STEPS.indexOf(run.step) + 1];
    if (run.step !== 'done') return;
    const layers = { ...AFTER, churn_risk: AFTER.churn_risk + 310, ordinary: AFTER.ordinary - 310 };
    Object.assign(run, {
      ...{ state: 'done', layers, clients: 620_000, changed: 310 },
      moves: [{ before: 'ordinary', after: 'churn_risk', clients: 310 }],
      ended_at: this.house.now().toISOString(),
    });
  }
}
