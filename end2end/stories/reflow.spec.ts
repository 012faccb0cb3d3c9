// At 320 px, which is a window of 1280 at four times its size: one direction of scrolling is enough to read each page,
// but for tables and charts, which scroll in boxes of their own (WCAG 2.2, 1.4.10).
import type { Page } from '@playwright/test';
import { choose, open, verdict } from './check';
import { everyPage } from './pages';
import { expect, test } from './test';

/** What may be wider than the window, each in itself. */
const OWN_BOXES = '.wide, .sheet, input, textarea';

/** What scrolls or is cut off sideways and may not, and what sticks out of the window. */
const tooWide = (page: Page) =>
  page.evaluate((boxes) => {
    const all = [...document.querySelectorAll<HTMLElement>('body, body *')];
    const isTooWide = (it: HTMLElement) => it.scrollWidth > it.clientWidth + 1 && getComputedStyle(it).overflowX !== 'visible';
    const seen = all.filter((it) => it.clientWidth > 1 && !it.closest(boxes) && isTooWide(it));
    const found = seen.map((it) => `${it.tagName}.${it.className} ${it.scrollWidth} > ${it.clientWidth}: ${it.textContent?.trim().slice(0, 60)}`);
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [`the page: ${scrollWidth}`, ...found] : found;
  }, OWN_BOXES);

/** Names of pages that are broken, in the bar at the bottom or the rail. */
const broken = (page: Page) =>
  page.locator('.rail .pages > ul > li > * > span:first-of-type').evaluateAll((words) => {
    const lines = (word: Element) => {
      const range = document.createRange();
      range.selectNodeContents(word);
      return range.getClientRects().length;
    };
    return words.filter((it) => lines(it) > 1).map((it) => it.textContent);
  });

test('at 320 px no page scrolls sideways', async ({ page, request }, info) => {
  test.setTimeout(300_000);
  await page.setViewportSize({ width: 320, height: 640 });
  const { path, pages } = await everyPage(request, info, 'reflow');
  for (const [name, address] of pages) {
    await page.goto(address);
    await expect(page.getByRole('heading').first()).toBeVisible();
    expect.soft(await tooWide(page), name).toEqual([]);
    expect.soft(await broken(page), name).toEqual([]);
    await page.screenshot({ path: `results/pages/${name}-320.png`, fullPage: true });
  }
  await open(page);
  expect.soft(await tooWide(page), 'check').toEqual([]);
  await choose(page, path);
  await expect(verdict(page)).toBeVisible();
  expect.soft(await tooWide(page), 'check-judged').toEqual([]);
  await choose(page, '../src/engine/tests/workbooks/orders.xlsx');
  await page.getByText('Read as sheet April').click();
  expect.soft(await tooWide(page), 'check-workbook').toEqual([]);

  // Nor does a long count break the name of its page, where there is more room.
  await page.setViewportSize({ width: 1024, height: 640 });
  await page.goto('/exceptions');
  await page.locator('.open-count .whole').evaluate((it) => (it.textContent = '12,34,567'));
  expect(await broken(page)).toEqual([]);
});
