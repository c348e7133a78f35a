// A fresh fake house and one page on it for every test, and the few gestures that all tests make.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import { startFake } from '../../../console/dev/server.mjs';
import { launch, openContext, openPage } from './chromium.mjs';

// Who imports these sees those of the test that runs.
export let browser;
export let fake;
export let context;
export let page;
export let problems;

export function setStage({ house = {}, permissions = [] } = {}) {
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());
  beforeEach(async () => {
    fake = await startFake(house);
    context = await openContext(browser, { viewport: { width: 1440, height: 900 } });
    if (permissions.length) await context.grantPermissions(permissions, { origin: fake.url });
    problems = [];
    page = await openPage(context, problems);
  });
  afterEach(async () => {
    await context.close();
    await fake.stop();
    assert.deepEqual(problems, [], 'the page raised no error and broke no content policy');
  });
}

export const told = (what) => fake.house.ledger.filter((entry) => entry.what === what);
export const dialog = () => page.getByRole('dialog');
// An icon before the words is read out with them.
export const press = (name) => page.getByRole('button', { name: new RegExp(`(^| )${name}$`) }).press('Enter');
export const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);

export async function enter(path, login) {
  await page.goto(`${fake.url}/desk${path}`);
  await page.getByLabel('登录名').fill(login);
  await page.getByLabel('密码').fill(`${login}-demo`);
  await page.keyboard.press('Enter');
  await page.locator('header nav a').first().waitFor();
}
