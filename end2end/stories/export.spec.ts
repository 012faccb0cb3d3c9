import { readFile } from 'node:fs/promises';
import { choose, open, sampleButton, submit, verdict } from './check';
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

async function named(path: string, name: string) {
  const mimeType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
  return { name, mimeType, buffer: await readFile(path) };
}
