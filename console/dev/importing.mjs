// Files of clients in the fake house: CSV in UTF-8 alone, read by the columns that the desk maps.
import { randomUUID } from 'node:crypto';
import { fail, reply } from './http.mjs';

const column = (name, zh, en, needed = false) => ({ name, zh, en, needed });
const COLUMNS = [
  column('client_no', '客户号', 'client number', true),
  column('name', '姓名', 'name'),
  column('phone', '手机号', 'phone'),
  column('risk_level', '风险等级', 'risk level'),
  column('tags', '标签', 'tags'),
  column('assets', '总资产', 'assets'),
];
const KNOWN = new Set(['86000001', '86000002']);
const mask = (name, value) =>
  name === undefined
    ? '*'.repeat(Math.min(8, value.length))
    : name === 'name'
      ? `${value.slice(0, 1)}**`
      : value.replace(/^\d{3,}(?=\d{4}$)/, '****');

export class Imports {
  constructor(house) {
    this.house = house;
    this.rows = [];
  }

  handle(response, person, { method, parts: [, , id, act], body, query }) {
    if (!person.roles.some((role) => role === 'supervisor' || role === 'admin'))
      return fail(response, 403, 'not_allowed', '您没有该操作的权限。', 'You may not do that.');
    if (!id) return method === 'GET' ? this.list(response) : this.open(response, person, body, query.get('file_name'));
    const one = this.rows.find((row) => row.id === id);
    if (!one) return fail(response, 404, 'not_found', '没有这次导入。', 'There is no such import.');
    if (!act)
      return reply(response, 200, { import: this.show(one), look: one.state === 'checked' ? this.look(one) : null });
    if (act === 'errors') return this.errors(response, one);
    if (one.state !== 'checked') return fail(response, 409, 'conflict', '此次导入已结束。', 'It has ended already.');
    return this[act](response, one, body);
  }

  list(response) {
    return reply(response, 200, { imports: this.rows.map((one) => this.show(one)).reverse(), columns: COLUMNS });
  }

  show({ lines: _, header: _header, mapping: _mapping, flaws: _flaws, ...one }) {
    return one;
  }

  open(response, person, raw, name) {
    const [header = [], ...lines] = raw
      .toString('utf8')
      .replace('\ufeff', '')
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(','));
    if (lines.length === 0)
      return fail(
        response,
        400,
        'invalid_input',
        '第一行应为列名，其下为客户数据；文件中没有找到数据。',
        'No rows were found.',
      );
    const mapping = Object.fromEntries(
      header.flatMap((one) => {
        const found = COLUMNS.find(({ zh }) => one.startsWith(zh));
        return found ? [[one, found.name]] : [];
      }),
    );
    const at = this.house.now().toISOString();
    const one = {
      ...{ id: randomUUID(), file_name: name, state: 'checked', rows: 0, good: 0, person_id: person.id },
      ...{ person: person.name, at, ended_at: null, header, lines, mapping, flaws: [] },
    };
    this.rows.push(one);
    return reply(response, 201, this.look(one));
  }

  look({ id, header, lines, mapping }) {
    const sample = lines.slice(0, 5).map((cells) => cells.map((cell, n) => mask(mapping[header[n]], cell)));
    return { id, header, mapping, rows: lines.length, sample };
  }

  check(response, one, { mapping }) {
    const at = (name) => one.header.findIndex((header) => mapping[header] === name);
    const flaws = one.lines.flatMap((cells, n) => {
      const wrong = (name, zh, en) => ({ row: n + 2, column: one.header[at(name)], zh, en });
      const level = cells[at('risk_level')] ?? '';
      return [
        ...(cells[at('client_no')] ? [] : [wrong('client_no', '不能为空', 'must not be empty')]),
        ...(level === '' || /^C[1-5]$/.test(level) ? [] : [wrong('risk_level', '应为C1到C5', 'C1 to C5')]),
      ];
    });
    const bad = new Set(flaws.map(({ row }) => row));
    const good = one.lines.filter((_, n) => !bad.has(n + 2));
    const known = good.filter((cells) => KNOWN.has(cells[at('client_no')])).length;
    Object.assign(one, { mapping, flaws, rows: one.lines.length, good: good.length });
    this.house.record('import-check', { mapping });
    return reply(response, 200, {
      ...{ rows: one.rows, good: one.good, new: one.good - known, known, bad: bad.size },
      flaws: flaws.slice(0, 20),
    });
  }

  run(response, one) {
    Object.assign(one, { state: 'imported', ended_at: this.house.now().toISOString() });
    this.house.record('import-run', { file: one.file_name, clients: one.good });
    return reply(response, 200, { clients: one.good, new: Math.max(0, one.good - 1), taken: 0 });
  }

  cancel(response, one) {
    Object.assign(one, { state: 'cancelled', ended_at: this.house.now().toISOString() });
    this.house.record('import-cancel', { file: one.file_name });
    return reply(response, 200, { ok: true });
  }

  errors(response, { flaws, lines }) {
    response.writeHead(200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': 'attachment; filename="import-errors.csv"',
    });
    response.end(
      `\ufeff行号 row,原因,why\n${flaws.map((one) => [one.row, one.zh, one.en, ...lines[one.row - 2]].join()).join('\n')}\n`,
    );
  }
}
