// Tasks, the client's timeline and the room of reach in a real browser over the fake house.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './chat.mjs';
import { signIn } from './staff.mjs';
import { dialog, fake, fits, page, setStage, told } from './stage.mjs';

setStage();

async function open(path, login = 'agent') {
  await signIn(page, `${fake.url}/desk/`, login, `${login}-demo`);
  await page.goto(`${fake.url}/desk${path}`);
}

test('a task is taken and ended with the keyboard alone', async () => {
  await open('/tasks/open');
  await page.locator('[data-task]').first().waitFor();
  assert.match(await page.locator('[data-task]').first().textContent(), /追保通知未触达/, 'the most urgent is first');
  await page.keyboard.press('j');
  await page.getByRole('heading', { name: '追保通知未触达' }).waitFor();
  await page.getByText('多个渠道都没有确认客户收到').waitFor();
  await page.getByTestId('card-phone').waitFor();
  await page.keyboard.press('t');
  await page.getByText('已领取，由您跟进').waitFor();
  await page.keyboard.press('e');
  await dialog().getByText('任务做得怎么样').waitFor();
  await until(() => page.evaluate(() => document.activeElement?.type === 'radio'), 'the first outcome has the focus');
  await page.keyboard.press('Control+Enter');
  await dialog().getByText('请选择结果').waitFor();
  await dialog().getByRole('radio', { name: '已联系上客户' }).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Control+Enter');
  await dialog().waitFor({ state: 'hidden' });
  await page.getByRole('region', { name: '追保通知未触达' }).getByText('已联系上客户').last().waitFor();
  assert.deepEqual(
    told('task').map(({ act, outcome }) => [act, outcome]),
    [
      ['take', undefined],
      ['done', 'reached'],
    ],
  );
  await page.keyboard.press('3');
  await page.locator('[data-task]').getByText('已联系上客户').waitFor();
});

test('a task is cancelled only with a reason, and a colleague who has it is named by the refusal', async () => {
  await open('/tasks/open');
  await page.locator('[data-task]').filter({ hasText: '单日回撤' }).click();
  await page.getByRole('button', { name: '取消任务' }).press('Enter');
  await dialog().getByRole('textbox').waitFor();
  await page.keyboard.press('Control+Enter');
  await dialog().getByText('请写明取消原因').waitFor();
  await dialog().getByRole('textbox').fill('客户已自行减仓');
  await page.keyboard.press('Control+Enter');
  await dialog().waitFor({ state: 'hidden' });
  assert.equal(told('task').at(-1).why, '客户已自行减仓');
  const other = fake.desk.tasks.rows.find((one) => one.title.startsWith('新客户'));
  other.assignee = { id: 'p-other', name: '同事' };
  await page.locator('[data-task]').filter({ hasText: '新客户首次入金' }).click();
  await page.getByRole('heading', { name: '新客户首次入金' }).waitFor();
  await page.keyboard.press('t');
  await page.getByText('该任务已由同事领取').waitFor();
});

test('a new task appears by itself; what is late is counted; with nothing to do it says so', async () => {
  await open('/tasks/open');
  await page.locator('[data-task]').first().waitFor();
  fake.desk.tasks.open({
    client: ['c-60010001', '王**'],
    title: '刚刚产生的任务',
    priority: 'high',
    due: -1,
  });
  await page.locator('[data-task]').filter({ hasText: '刚刚产生的任务' }).waitFor();
  await until(async () => (await page.title()).startsWith('(2)'), 'the tab tells how many are late');
  await page.keyboard.press('2');
  await until(async () => (await page.locator('[data-task]').count()) === 2);
  fake.desk.tasks.rows.length = 0;
  await page.keyboard.press('1');
  await page.getByText('没有待办任务').waitFor();
});

test('the timeline tells in Chinese what happened, and reads on', async () => {
  await open('/tasks/open');
  await page.locator('[data-task]').first().waitFor();
  await page.keyboard.press('j');
  const line = page.getByRole('region', { name: '客户时间线' });
  await line.getByText('出金到账').first().waitFor();
  await line.getByText('已读').first().waitFor();
  assert.equal(await line.locator('li').count(), 20);
  await line.getByRole('button', { name: '更早的记录' }).press('Enter');
  await until(async () => (await line.locator('li').count()) === 40);
  await line.getByRole('button', { name: '更早的记录' }).press('Enter');
  await until(async () => (await line.locator('li').count()) === 45);
  assert.equal(await line.getByRole('button', { name: '更早的记录' }).count(), 0);
});

test('who does not know yet is counted and ordered by time left; the proof is one click away; a notice is stopped', async () => {
  await open('/reach/live', 'supervisor');
  await page.getByRole('status').getByText('412 位中 17 位未触达').waitFor();
  const rows = page.locator('.ant-table-row');
  assert.match(await rows.first().textContent(), /超时 8 分钟/);
  await page.locator('[data-notice]').first().press('Enter');
  await dialog().getByText('提交给渠道').first().waitFor();
  const proof = dialog().getByRole('link', { name: '下载证明 PDF' });
  assert.match(await proof.getAttribute('href'), /^\/v1\/notices\/[0-9a-f-]+\/proof\.pdf$/);
  await dialog().getByRole('button', { name: '停止通知' }).press('Enter');
  const sure = dialog().last();
  await sure.getByText('还没有发出的消息会撤回').waitFor();
  await sure.getByLabel('取消原因').fill('客户已追加保证金');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('status').getByText('411 位中 16 位未触达').waitFor();
  assert.equal(told('notice')[0].why, '客户已追加保证金');
});

test('supervisors change the table of urgencies; what a colleague changed meanwhile is not overwritten', async () => {
  await open('/reach/urgency', 'supervisor');
  const high = page.locator('[data-urgency="high"]');
  await high.getByText('每天最多 10 条').waitFor();
  await high.getByRole('button', { name: '更改' }).press('Enter');
  await dialog().getByLabel('免打扰时段').fill('22点');
  await page.keyboard.press('Control+Enter');
  await dialog().getByText('请写成 22:00-08:00').waitFor();
  await dialog().getByLabel('免打扰时段').fill('22:00-08:00');
  await dialog().getByLabel('第 1 层 等待').fill('20');
  await page.keyboard.press('Control+Enter');
  await dialog().waitFor({ state: 'hidden' });
  await high.getByText('免打扰 22:00-08:00').waitFor();
  await high.getByText('第 1 版').waitFor();
  const { policy, version } = told('urgency')[0];
  assert.deepEqual([version, policy.quiet, policy.rungs[0].wait_minutes], [0, '22:00-08:00', 20]);
  fake.desk.studio.notices.policies[1].version = 7;
  await high.getByRole('button', { name: '更改' }).press('Enter');
  await dialog().getByLabel('免打扰时段').focus();
  await page.keyboard.press('Control+Enter');
  await page.getByText('该策略已被他人修改').waitFor();
});

test('agents read the table of urgencies and change nothing; nothing waits when all are reached', async () => {
  fake.desk.studio.notices.rows.length = 0;
  await open('/reach/live');
  await page.getByRole('status').getByText('412 位全部触达').waitFor();
  await page.getByText('没有等待触达的客户').waitFor();
  await page.getByRole('tab', { name: '紧急程度策略' }).press('Enter');
  await page.locator('[data-urgency="critical"]').getByText('10 分钟内处理').waitFor();
  assert.equal(await page.getByRole('button', { name: '更改' }).count(), 0);
});

test('long words and a phone, in the dark and in English', async () => {
  const task = fake.desk.tasks.rows[0];
  task.title = '追加保证金通知未触达'.repeat(12);
  task.detail = 'x'.repeat(400);
  fake.desk.studio.notices.rows[0].title = '追加保证金通知'.repeat(12);
  await page.setViewportSize({ width: 400, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await open('/tasks/open');
  await page.locator('[data-task]').first().click();
  await page.getByRole('heading', { name: '追加保证金' }).waitFor();
  assert.ok(await fits());
  await page.goto(`${fake.url}/desk/reach/live`);
  await page.locator('[data-notice]').first().waitFor();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByText('17 of 412 not yet reached').waitFor();
  assert.ok(await fits());
});
