// The channel page in a real browser over the fake house: looking, setting up, rotating, switching off, trying out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signIn } from './staff.mjs';
import { context, dialog, fake, fits, page, setStage, told } from './stage.mjs';

const SECRET = 'super-secret-token';

setStage({ permissions: ['clipboard-read', 'clipboard-write'] });

const card = (name) => page.locator(`[data-account="${name}"]`);

// By key: a click on what still flies in falls beside it when the machine is busy.
const choose = (name) => dialog().getByRole('button', { name }).press('Enter');

async function open(login = 'admin') {
  await signIn(page, `${fake.url}/desk/`, login, `${login}-demo`);
  await page.getByRole('link', { name: '渠道' }).click();
  await page.getByRole('heading', { name: '渠道账号' }).waitFor();
}

async function addTwilio(name = 'overseas') {
  await page.getByRole('button', { name: '新建账号' }).click();
  await dialog().getByLabel('渠道与服务商').click();
  await page.getByTitle('Twilio 短信（港澳台及海外）').click();
  await dialog().getByLabel('账号名').fill(name);
  await dialog().getByLabel('Account SID').fill('AC0123');
  await dialog().getByLabel('Auth Token').fill(SECRET);
  await dialog().getByLabel('发送号码').fill('+15005550006');
  await choose('新建');
  await card(name).waitFor();
  await dialog().waitFor({ state: 'hidden' });
}

test('agents have no such room, and its address leads nowhere', async () => {
  await signIn(page, `${fake.url}/desk/`, 'agent', 'agent-demo');
  assert.equal(await page.getByRole('link', { name: '渠道' }).count(), 0);
  await page.goto(`${fake.url}/desk/channels`);
  await page.getByText('没有这个页面').waitFor();
});

test('a supervisor looks and changes nothing', async () => {
  await open('supervisor');
  await card('demo').getByText('正常').waitFor();
  await card('demo').getByText('已发 128').waitFor();
  await card('demo').getByText('来自配置').click();
  await page.getByRole('tooltip').getByText('请在配置里更改').waitFor();
  await page.getByText('新建与更改由管理员进行').waitFor();
  for (const name of ['新建账号', '更改', '停用', '测试消息'])
    assert.equal(await page.getByRole('button', { name }).count(), 0, name);
  await page.keyboard.press('n');
  assert.equal(await dialog().count(), 0);
});

test('an admin sets an account up: what is missing is said, the secret is never seen again', async () => {
  await open();
  await card('demo').waitFor();
  await page.keyboard.press('n');
  await choose('新建');
  await dialog().getByText('请选择', { exact: true }).waitFor();
  await dialog().getByText('以字母或数字开头').waitFor();
  await page.keyboard.press('Escape');
  await dialog().waitFor({ state: 'hidden' });
  await addTwilio();
  const { body } = told('channel')[0];
  assert.deepEqual(body, {
    channel: 'sms',
    provider: 'twilio',
    name: 'overseas',
    public: { account_sid: 'AC0123', sender: '+15005550006' },
    secret: { auth_token: SECRET },
  });
  await card('overseas').getByText('无发送').waitFor();
  await card('overseas').getByText('配置', { exact: true }).click();
  await card('overseas').getByText('已设置，不再显示').waitFor();
  assert.ok(!(await page.content()).includes(SECRET));
  await card('overseas').getByRole('button', { name: /复制/ }).click();
  await page.getByText('已复制').waitFor();
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    'https://zhida.example/channels/sms/twilio/overseas',
  );
  await page.getByRole('button', { name: '新建账号' }).click();
  await dialog().getByLabel('渠道与服务商').click();
  await page.getByTitle('企业邮箱（SMTP）').click();
  assert.equal(await dialog().getByLabel('回调密钥').getAttribute('type'), 'password');
  assert.equal(await dialog().getByLabel('Account SID').count(), 0, 'the form is that of the provider');
});

test('an account is changed without its secrets, and a name that is taken is refused in words', async () => {
  await open();
  await addTwilio();
  await card('overseas').getByRole('button', { name: '更改' }).click();
  assert.equal(await dialog().getByLabel('Account SID').inputValue(), 'AC0123');
  assert.equal(await dialog().getByLabel('Auth Token').count(), 0);
  await dialog().getByLabel('发送号码').fill('+15005550009');
  await page.keyboard.press('Control+Enter');
  await dialog().waitFor({ state: 'hidden' });
  const { method, body } = told('channel').at(-1);
  assert.deepEqual([method, body], ['PATCH', { public: { account_sid: 'AC0123', sender: '+15005550009' } }]);
  await addTwilio('second');
  await page.getByRole('button', { name: '新建账号' }).click();
  await dialog().getByLabel('渠道与服务商').click();
  await page.getByTitle('Twilio 短信（港澳台及海外）').click();
  for (const [label, value] of [
    ['账号名', 'second'],
    ['Account SID', 'AC0'],
    ['Auth Token', 'x'],
    ['发送号码', '+1'],
  ])
    await dialog().getByLabel(label).fill(value);
  await choose('新建');
  await page.getByText('渠道账号 sms/second 已存在').waitFor();
  assert.equal(await dialog().getByLabel('账号名').inputValue(), 'second', 'what was entered stays');
});

test('secrets are replaced with the word that the old ones hold for a day', async () => {
  await open();
  await addTwilio();
  await card('overseas').getByRole('button', { name: '更换密钥' }).click();
  await dialog().getByText('旧密钥签名的回调在 24 小时内仍被接受').waitFor();
  await choose('更换');
  await dialog().getByText('请至少填写一项').waitFor();
  await dialog().getByLabel('Auth Token').fill('another');
  await choose('更换');
  await dialog().waitFor({ state: 'hidden' });
  assert.deepEqual(told('channel').at(-1).body, { secret: { auth_token: 'another' } });
  await card('overseas').getByText('配置', { exact: true }).click();
  await card('overseas').getByText('旧密钥签名的回调在其后 24 小时内仍被接受').waitFor();
});

test('switching off asks first, says what it means, and can be taken back', async () => {
  await open();
  await addTwilio();
  await card('overseas').getByRole('button', { name: '停用' }).click();
  await dialog().getByText('客户写来的消息会收不到').waitFor();
  await choose('取消');
  assert.equal(told('channel').length, 1, 'nothing was done');
  await dialog().waitFor({ state: 'hidden' });
  await card('overseas').getByRole('button', { name: '停用' }).click();
  await choose('停用');
  await card('overseas').getByTestId('health').getByText('已停用').waitFor();
  assert.equal(await card('overseas').getByRole('button', { name: '测试消息' }).count(), 0);
  await card('overseas').getByRole('button', { name: '启用' }).click();
  await card('overseas').getByTestId('health').getByText('无发送').waitFor();
});

test('a test message shows an example, its progress, and what became of it in plain words', async () => {
  await open();
  await addTwilio();
  await card('overseas').getByRole('button', { name: '测试消息' }).click();
  await dialog().getByText('例如 +8613800138000').waitFor();
  await choose('发送');
  await dialog().getByText('请填写收件地址').waitFor();
  await dialog().getByLabel('收件地址').fill('+15005550000');
  await choose('发送');
  await dialog().getByText('正在发送').waitFor();
  await dialog().getByText('没有发出：收件地址无效或客户已屏蔽').waitFor();
  await dialog().getByText('代码 recipient:21211').waitFor();
  await dialog().getByLabel('收件地址').fill('+15005550006');
  await page.keyboard.press('Control+Enter');
  await dialog().getByText('服务商已接受').waitFor();
  await page.keyboard.press('Escape');
  await card('overseas').getByText('失败 1', { exact: true }).waitFor();
  await card('overseas').getByText('recipient:21211').waitFor();
});

test('a failing account is said at the top and on its card, by word as well as by colour', async () => {
  Object.assign(fake.desk.channels.accounts[0].health, {
    state: 'failing',
    failed: 3,
    last_failed_at: new Date().toISOString(),
    error: {
      code: 'config:40001',
      zh: '账号配置有误：密钥、签名、模板或 IP 白名单',
      en: 'the account is set up wrongly',
    },
  });
  await open('supervisor');
  await page.getByRole('status').getByText('1 个账号异常').waitFor();
  await card('demo').getByTestId('health').getByText('异常').waitFor();
  await card('demo').getByText('账号配置有误').waitFor();
  await card('demo').getByText('config:40001').waitFor();
});

test('with no account at all it says so; an answer that fails offers another try', async () => {
  fake.desk.channels.accounts = [];
  await open();
  await page.getByText('还没有渠道账号').waitFor();
  await context.route('**/v1/channels', (route) => route.abort());
  await page.reload();
  await page.getByText('没有加载出来').waitFor();
  await context.unroute('**/v1/channels');
  await page.getByRole('button', { name: '重试' }).click();
  await page.getByText('还没有渠道账号').waitFor();
});

test('long words stay on their card, in the dark, in English, on a phone', async () => {
  const account = fake.desk.channels.accounts[0];
  account.webhook = `https://zhida.example/channels/wechat/${'x'.repeat(160)}`;
  account.name = 'a-very-long-name-of-an-account-0123456789';
  await page.setViewportSize({ width: 400, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await open();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('heading', { name: 'Channel accounts' }).waitFor();
  await card(account.name).getByText('128 sent').waitFor();
  const fits = await page.evaluate(
    () =>
      document.documentElement.scrollWidth <= innerWidth &&
      [...document.querySelectorAll('.account-card, .channels')].every((one) => one.scrollWidth <= one.clientWidth),
  );
  assert.ok(fits, 'nothing is wider than its card or the window');
});
