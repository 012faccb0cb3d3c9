// A server with contracts of its own: the browser judges under the same ones.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { choose, open, submit, verdict } from './check';
import { serve } from './serve';
import { expect, test } from './test';

const VISITS = `apiVersion: v3.1.0
kind: DataContract
id: visits
version: 1.0.0
status: active
schema:
  - name: visits
    properties:
      - {name: visit_id, required: true, primaryKey: true}
      - {name: guests, logicalType: integer, logicalTypeOptions: {minimum: 1}, required: true}
`;

/** Fits the sheet of words above the sales of the workbook in the engine's tests. */
const WORDS = `apiVersion: v3.1.0
kind: DataContract
id: words
version: 1.0.0
status: active
schema:
  - name: words
    properties:
      - {name: words, required: true, customProperties: [{property: tarazu, value: {aliases: [Sales of two months]}}]}
`;

test('of several contracts the one that fits is taken, here and on the server', async ({ page }, info) => {
  await writeFile(info.outputPath('visits.yaml'), VISITS);
  const server = await serve(info.outputPath('data'), 'sales', info.outputPath('visits.yaml'));
  try {
    await open(page, server.address);
    const buffer = Buffer.from('guests,visit_id\n2,A\n0,B\n3,A\n1,C\n');
    await choose(page, { name: 'visits.csv', mimeType: 'text/csv', buffer });
    await expect(verdict(page)).toContainText('2 of 4');
    await expect(page.getByText('guests is below the minimum')).toBeVisible();
    await submit(page);
    await expect(page.getByText('Confirmed: server and browser agree')).toBeVisible();
  } finally {
    await server.end();
  }
});

test('the sheet that fits the contract of the server is opened, here and there', async ({ page }, info) => {
  await writeFile(info.outputPath('words.yaml'), WORDS);
  const server = await serve(info.outputPath('data'), info.outputPath('words.yaml'));
  try {
    await open(page, server.address);
    await choose(page, resolve('../src/engine/tests/workbooks/orders.xlsx'));
    await expect(page.getByText('Read as sheet Read me')).toBeVisible();
    await submit(page);
    await expect(page.getByText('Confirmed: server and browser agree')).toBeVisible();
  } finally {
    await server.end();
  }
});
