// What a person does on the page Check.
import { expect, type Locator, type Page } from '@playwright/test';
import { count, money, type Truth } from './sales';

export const sampleButton = (page: Page) => page.getByRole('button', { name: 'Try 5,000 sample rows' });
export const submitButton = (page: Page) => page.getByRole('button', { name: 'Submit', exact: true });
export const verdict = (page: Page) => page.getByRole('region', { name: 'Verdict' });

/** Opens Check and waits until it is more than a form. */
export async function open(page: Page, path = '/') {
  await page.goto(path);
  await expect(sampleButton(page)).toBeVisible();
}

export async function choose(page: Page, file: string | { name: string; mimeType: string; buffer: Buffer }) {
  await page.getByLabel('Choose a file').setInputFiles(file);
}

/** Drags the file from outside over the window and lets it go, as a file manager does. */
export async function drop(page: Page, ...paths: string[]) {
  const browser = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  const place = { x: 400, y: 300, data };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await browser.send('Input.dispatchDragEvent', { type, ...place });
  }
  await browser.detach();
}

/** The reconciliation says exactly this, in rows and in money. */
export async function expectBalance(page: Page, truth: Truth) {
  const line = (name: string) =>
    page.getByRole('region', { name: 'Rows and money' }).getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
  await expectCells(line('Accepted'), [count(truth.accepted), money(truth.moneyAccepted)]);
  await expectCells(line('Exceptions'), [count(truth.exceptions), money(truth.moneyExceptions)]);
  await expectCells(line('Read'), [count(truth.read), money(truth.moneyRead)]);
}

export async function expectCells(row: Locator, cells: string[]) {
  await expect(row.getByRole('cell')).toHaveText(cells);
}

/** Each control, by its code, failed this often. */
export async function expectFailed(page: Page, failed: Record<string, number>) {
  for (const [code, number] of Object.entries(failed)) {
    const control = page
      .getByRole('region', { name: 'Controls' })
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: code, exact: true }) });
    await expect(control.getByRole('cell').nth(3)).toHaveText(count(number));
  }
}

/** The drawing is there, and the table behind it says exactly this. `lines` are first and last cells. */
export async function expectChart(page: Page, title: string | RegExp, lines: Record<string, string> = {}) {
  const figure = page.getByRole('figure').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
  await expect(figure.getByRole('group', { name: title })).toBeVisible();
  await figure.getByText('Table', { exact: true }).click();
  for (const [name, value] of Object.entries(lines)) {
    const line = figure.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
    await expect(line.getByRole('cell').last()).toHaveText(value);
  }
}

/** Submits what lies on the desk and waits for its run to end. Returns the address of the run's page. */
export async function submit(page: Page): Promise<string> {
  await submitButton(page).click();
  return runPage(page);
}

/** Waits for a run's page with its verdict. */
export async function runPage(page: Page): Promise<string> {
  await page.waitForURL(/\/runs\/run_[0-9a-f]{32}/);
  await expect(page.getByRole('heading', { name: 'All controls' })).toBeVisible({ timeout: 60_000 });
  return new URL(page.url()).pathname;
}
