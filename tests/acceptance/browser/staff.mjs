// How a test plays somebody at the desk: sign in, pick a ticket, reply.

export async function signIn(page, address, login, password) {
  await page.goto(address);
  await page.getByLabel('登录名').fill(login);
  await page.getByLabel('密码').fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: '工单列表' }).waitFor();
}

export async function pick(page, title) {
  await page.locator('[data-ticket]').filter({ hasText: title }).click();
  await page.getByRole('heading', { name: title }).waitFor();
}

export async function reply(page, text) {
  const field = page.getByRole('textbox', { name: /输入回复/ });
  await field.fill(text);
  await field.press('Enter');
}
