import { open, sampleButton, verdict } from './check';
import { expect, test } from './test';

const lakh = /₹\d{1,2}(,\d{2})+,\d{3}\.\d\d/;
const million = /₹\d{1,3}(,\d{3}){2}\.\d\d/;

test.describe('a reader whose browser speaks American English', () => {
  test.use({ locale: 'en-US' });

  test('has thousands and months first, until another way is chosen', async ({ page }) => {
    await open(page);
    await sampleButton(page).click();
    // What the browser says of a file agrees with what the server wrote around it.
    await expect(verdict(page)).toContainText(million);
    await expect(verdict(page)).not.toContainText(lakh);

    await page.goto('/audit');
    await expect(page.locator('time').first()).toHaveText(/^[A-Z][a-z]{2} \d{1,2}, \d{4}/);
    await page.getByRole('button', { name: 'Numbers and days' }).click();
    await page.getByRole('button', { name: '1,00,000 · 31 Dec 2026' }).click();
    await expect(page).toHaveURL('/audit');
    await expect(page.locator('time').first()).toHaveText(/^\d{1,2} [A-Z][a-z]{2} \d{4}/);
    await page.getByRole('button', { name: 'Numbers and days' }).click();
    const chosen = page.getByRole('button', { name: '1,00,000 · 31 Dec 2026' });
    await expect(chosen).toHaveAttribute('aria-pressed', 'true');

    await open(page);
    await sampleButton(page).click();
    await expect(verdict(page)).toContainText(lakh);
  });
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('the way to write numbers and days can be chosen, and the page stays', async ({ page }) => {
    await page.goto('/sales?region=North');
    await page.getByRole('button', { name: 'Numbers and days' }).click();
    await page.getByRole('button', { name: '100,000 · Dec 31, 2026' }).click();
    await expect(page).toHaveURL('/sales?region=North');
    await expect(page.locator('html')).toHaveAttribute('data-month-first', /.*/);
    await expect(page.locator('html')).toHaveAttribute('data-in-threes', /.*/);
  });
});
