// A headless browser that can draw Chinese on a machine without any fonts: @sparticuz/chromium and Noto Sans SC from npm.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const peers = createRequire(new URL('../../peers/package.json', import.meta.url));
const { chromium: playwright } = peers('playwright-core');
const FONT = path.dirname(peers.resolve('@fontsource/noto-sans-sc/package.json'));
const PICTURES = fileURLToPath(new URL('../../../docs/pictures/', import.meta.url));

export async function launch() {
  const { default: chromium } = await import(peers.resolve('@sparticuz/chromium'));
  // Not the package's own arguments: they are for one page in one process, and switch web security off.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none'];
  return playwright.launch({ executablePath: await chromium.executablePath(), args, headless: true });
}

/** A context of its own (cookies, storage), in Chinese, without motion (a click must not meet a dialog on its way), with the font in every page. */
export async function openContext(browser, options = {}) {
  const context = await browser.newContext({
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    reducedMotion: 'reduce',
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const sheets = await Promise.all(
    ['400', '500', '700'].map((weight) => readFile(path.join(FONT, `${weight}.css`), 'utf8')),
  );
  const css = sheets.join('\n').replaceAll('./files/', '/__font/');
  await context.addInitScript((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }, css);
  await context.route('**/__font/*', (route) =>
    route.fulfill({
      path: path.join(FONT, 'files', path.basename(new URL(route.request().url()).pathname)),
      contentType: 'font/woff2',
    }),
  );
  return context;
}

export async function openPage(context, problems) {
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Uncaught|Warning:/.test(message.text()))
      problems.push(message.text());
  });
  return page;
}

/** Keep a picture for README and eyes; only when asked (`ZHIDA_PICTURES=1`), so a test run leaves the tree clean. */
export async function picture(page, name, options = {}) {
  await page.evaluate(() => document.fonts.ready);
  if (process.env.ZHIDA_PICTURES === '1')
    await page.screenshot({ path: path.join(PICTURES, `${name}.png`), animations: 'disabled', ...options });
}
