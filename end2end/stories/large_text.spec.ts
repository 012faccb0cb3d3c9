// Letters of twice the size, as a browser sets them for who asks for that: nothing of them is cut.
import type { Page } from '@playwright/test';
import { choose, open, verdict } from './check';
import { write } from './sales';
import { expect, test } from './test';
import { takeYear } from './year';

test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => addEventListener('DOMContentLoaded', () => document.documentElement.style.setProperty('font-size', '32px')));
});

/** Of what is selected, what has a line too low for its letters, or more lines than room. */
const cut = (page: Page, selector: string) =>
  page.evaluate((selector) => {
    const all = [...document.querySelectorAll<HTMLElement>(selector)].filter((it) => it.offsetHeight > 0);
    const isCut = (it: HTMLElement) => {
      const { fontSize, overflowY } = getComputedStyle(it);
      const isLow = it.offsetHeight < 1.2 * parseFloat(fontSize);
      return isLow || (overflowY !== 'auto' && it.scrollHeight > it.clientHeight + 1);
    };
    return { seen: all.length > 0, cut: all.filter(isCut).map((it) => it.outerHTML.slice(0, 120)) };
  }, selector);

const whole = { seen: true, cut: [] };

test('the grid of Check has rows as high as its letters, and each of them can be reached', async ({ page }, info) => {
  const path = info.outputPath('large.csv');
  await write(path, 2_000, 'large');
  await open(page);
  await choose(page, path);
  await expect(verdict(page)).toContainText('of 2,000');
  const grid = page.getByRole('grid');
  await expect.poll(() => cut(page, '.sheet-grid :is(th, td)')).toEqual(whole);
  await expect.poll(() => cut(page, '.sheet-bar input, .choices .button, .answer p')).toEqual(whole);

  // The number of the last line is whole, and its row in view.
  await page.getByRole('link', { name: 'Every row' }).click();
  await expect(page.getByText('Row 1 of 2,000')).toBeVisible();
  await grid.focus();
  await page.keyboard.press('Control+End');
  await expect(page.getByText('Row 2,000 of 2,000')).toBeVisible();
  const last = page.locator('#cell-1999-0');
  await expect(last).toHaveText('2,001');
  const room = await last.evaluate((it) => ({
    over: it.scrollWidth - it.clientWidth,
    below: it.getBoundingClientRect().bottom - it.closest('.sheet')!.getBoundingClientRect().bottom,
  }));
  expect(room.over).toBeLessThanOrEqual(0);
  expect(room.below).toBeLessThanOrEqual(1);
});

test('the exceptions have rows as high as their letters, in each view and in the bar of a phone', async ({ page, request }) => {
  await takeYear(request, 'large');
  await page.goto('/w/large/exceptions?view=grid');
  await expect(page.locator('.frame')).toHaveClass(/awake/);
  expect(await cut(page, '.work-cells :is(th, td, input)')).toEqual(whole);
  await page.goto('/w/large/exceptions');
  expect(await cut(page, '.work-grid :is(th, td):not(.pick-cell), .facet-line, .switch a')).toEqual(whole);
  await page.setViewportSize({ width: 360, height: 900 });
  await page.goto('/w/large/exceptions');
  const bar = page.getByRole('navigation', { name: 'Pages', exact: true });
  await expect(bar).toBeVisible();
  expect(await cut(page, '.rail .pages > ul > li > *')).toEqual(whole);
});
