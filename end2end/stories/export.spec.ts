import { readFile } from 'node:fs/promises';
import { choose, open, sampleButton, submit, verdict } from './check';
import { HEADER } from './sales';
import { expect, requests, test, uploads } from './test';

test('rows are taken along as a workbook before anything is sent, and come back', async ({ page }) => {
  await open(page);
  const sent = requests(page);
  await sampleButton(page).click();
  const rows = page.getByRole('region', { name: 'Rows and money' }).getByRole('row');
  const cells = (name: string) =>
    rows.filter({ has: page.getByRole('rowheader', { name }) }).getByRole('cell').allTextContents();
  await expect(verdict(page)).toContainText('of 5,000');
  const before = { accepted: await cells('Accepted'), exceptions: await cells('Exceptions') };

  const take = async (name: string) => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name }).click();
    return download;
  };
  const accepted = await take('Accepted rows for Excel');
  expect(accepted.suggestedFilename()).toBe('accepted.xlsx');
  const exceptions = await take('Exceptions for Excel');
  expect(exceptions.suggestedFilename()).toBe('exceptions.xlsx');
  expect(uploads(sent)).toEqual([]);

  // Checked again as they are, all of the one and none of the other can be loaded.
  const paths = { accepted: await accepted.path(), exceptions: await exceptions.path() };
  await choose(page, await named(paths.exceptions, 'exceptions.xlsx'));
  const about = page.getByRole('region', { name: 'About this file' });
  await expect(about).toContainText('An export of Tarazu that came back');
  expect((await cells('Read'))[0]).toBe(before.exceptions[0]);
  await choose(page, await named(paths.accepted, 'accepted.xlsx'));
  await expect(verdict(page)).toContainText(`All ${before.accepted[0]} rows can be loaded.`);
  expect(await cells('Accepted')).toEqual(before.accepted);

  // The run has them, too.
  const run = await submit(page);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Accepted rows (Excel)' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('accepted.accepted.xlsx');
  expect(run).toContain('/runs/');
});

test('rows that were corrected before anything is sent say so where they are taken along', async ({ page }) => {
  const lines = Array.from({ length: 20 }, (_, at) => `said-${at},2026-01-15,${at === 3 ? 'Nort' : 'South'},Milk 1L,2,${at === 7 ? 'ten' : '1.00'}`);
  await open(page);
  await choose(page, { name: 'said.csv', mimeType: 'text/csv', buffer: Buffer.from(`${HEADER}\n${lines.join('\n')}\n`) });
  await expect(verdict(page)).toContainText('18 of 20');
  await page.getByRole('grid').focus();
  await page.keyboard.press('F8');
  await expect(page.getByRole('region', { name: 'Rows of the file' }).getByRole('textbox')).toHaveValue('Nort');
  await page.keyboard.type('North');
  await page.keyboard.press('Enter');
  await expect(verdict(page)).toContainText('19 of 20');
  const take = async (name: string) => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name, exact: true }).click();
    return readFile(await (await download).path());
  };
  const said = (csv: string) => csv.trimEnd().split('\r\n').slice(1).filter((it) => it.endsWith(',region'));
  const accepted = (await take('Accepted rows as CSV')).toString();
  expect(accepted.split('\r\n')[0]).toMatch(/,tarazu_corrected$/);
  expect(said(accepted)).toHaveLength(1);
  expect(said(accepted)[0]).toMatch(/^said-3,2026-01-15,North,/);
  const exceptions = (await take('Exceptions as CSV')).toString();
  expect(exceptions.split('\r\n')[0]).toMatch(/,tarazu_corrected,tarazu_raw$/);
  // A workbook that was taken along is read by the page itself, which knows the column for its own.
  const workbook = await take('Accepted rows for Excel');
  await submit(page);
  const link = page.getByRole('link', { name: 'Accepted rows (CSV)' });
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  expect(said(await readFile(await download.path(), 'utf8'))).toEqual(said(accepted));
  await open(page);
  await choose(page, { name: 'accepted.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: workbook });
  await expect(page.getByRole('region', { name: 'About this file' })).toContainText('An export of Tarazu that came back');
  await expect(verdict(page)).toContainText('All 19 rows can be loaded.');
});

async function named(path: string, name: string) {
  const mimeType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
  return { name, mimeType, buffer: await readFile(path) };
}
