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
