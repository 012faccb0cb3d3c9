import type { Page } from '@playwright/test';
import { open, runPage, verdict } from './check';
import { write } from './sales';
import { expect, test } from './test';

/** Goes on with Tab until what is called so has the focus, and shows that it has. */
async function tabTo(page: Page, role: Parameters<Page['getByRole']>[0], name: string | RegExp) {
  const wanted = page.getByRole(role, { name }).and(page.locator(':focus'));
  for (let steps = 0; steps < 400 && (await wanted.count()) === 0; steps++) {
    await page.keyboard.press('Tab');
  }
  await expect(wanted, `${name} is reached by Tab`).toHaveCount(1);
  await expect(wanted).toBeInViewport();
}

test('the whole way is gone by keyboard alone', async ({ page }, info) => {
  const path = info.outputPath('keys.csv');
  await write(path, 400, 'keys');
  await open(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();

  await tabTo(page, 'button', 'Choose a file');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
  await chooser.setFiles(path);
  await expect(verdict(page)).toBeVisible();

  await tabTo(page, 'button', 'Submit');
  await page.keyboard.press('Enter');
  await runPage(page);

  // A mark of a chart says its value when it has the focus.
  await tabTo(page, 'img', /^North: ₹/);
  await page.goto('/runs');
  await tabTo(page, 'link', /keys\.csv/);
  await page.keyboard.press('Enter');
  await runPage(page);
});

test('a file is put right, sent and seen in Sales without a mouse, and the focus goes along', async ({ page }, info) => {
  const path = info.outputPath('mend.csv');
  await write(path, 100, 'mend');
  await open(page);
  await tabTo(page, 'button', 'Choose a file');
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.keyboard.press('Enter')]);
  await chooser.setFiles(path);
  await expect(verdict(page)).toBeVisible();
  // What happened is said as well.
  await expect(page.locator('[aria-live="polite"]').filter({ hasText: 'mend.csv:' })).toHaveCount(1);

  await expect(verdict(page)).toContainText('90 of 100');

  await tabTo(page, 'grid', /./);
  await page.keyboard.press('F8');
  await page.keyboard.type('2025-01-08');
  await page.keyboard.press('Enter');
  await expect(verdict(page)).toContainText('91 of 100');

  await tabTo(page, 'button', 'Submit');
  await page.keyboard.press('Enter');
  await runPage(page);
  await expect(page.getByRole('main')).toBeFocused();
  await tabTo(page, 'link', 'See these sales');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Sales' })).toBeVisible();
  await expect(page.getByRole('main')).toBeFocused();
  await expect(page.getByText('Rests on 1 run')).toBeVisible();
});

test('on a phone four pages stand in the bar, and the others in a menu that the keyboard opens and closes', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 800 });
  await page.goto('/');
  const bar = page.getByRole('navigation', { name: 'Pages' });
  await expect(bar.getByRole('link')).toHaveText([/Check/, /Runs/, /Sales/, /Exceptions/]);
  const more = bar.getByRole('button', { name: 'More' });
  await more.focus();
  await page.keyboard.press('Enter');
  await expect(bar.getByRole('link', { name: 'Audit' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(bar.getByRole('link', { name: 'Audit' })).toBeHidden();
  await expect(more).toBeFocused();

  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(bar.getByRole('link', { name: 'Quality' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Quality' })).toBeVisible();
  await expect(bar.getByRole('link', { name: 'Quality' })).toBeHidden();
  await expect(page.getByRole('main')).toBeFocused();
  // The bar does not scroll.
  expect(await bar.evaluate((it) => it.scrollWidth - it.clientWidth)).toBe(0);
});
