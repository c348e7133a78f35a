// How a test plays a client: open the widget, write, look.

/** Go to a page that embeds the widget (or stay on it) and open the chat. */
export async function openChat(page, url = null) {
  if (url) await page.goto(url);
  const launcher = page.getByRole('button', { name: /^(在线客服|Chat with us)/ });
  await launcher.click();
  const panel = page.getByRole('dialog');
  return {
    page,
    panel,
    log: panel.getByRole('log'),
    field: panel.getByRole('textbox'),
    status: panel.getByTestId('status'),
  };
}

export async function say(chat, text) {
  await chat.field.fill(text);
  await chat.field.press('Enter');
}

/** Wait until a condition holds; the test's own time limit is the only clock. */
export async function until(condition, what = String(condition), tries = 300) {
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never came true: ${what}`);
}

/** Wait for the assistant's answer number `count` of this conversation; says what the client saw if none comes. */
export async function answer(chat, count) {
  const bubble = chat.log.locator('article.bot').nth(count - 1);
  await bubble.waitFor({ timeout: 60_000 }).catch(async (error) => {
    throw new Error(`no answer; the panel said:\n${await chat.panel.innerText()}`, { cause: error });
  });
  return bubble.locator('.bubble').textContent();
}
