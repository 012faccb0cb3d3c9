// What those who do not see a page are told of it: its parts, their names and their order. Figures that change from day
// to day stand open.
import { readFile } from 'node:fs/promises';
import { count, money, write } from './sales';
import { expect, test } from './test';
import { takeYear } from './year';

const FRAME = `
- link "Skip to the content"
- banner:
  - link "Tarazu"
  - navigation "Pages":
    - list:
      - listitem:
        - link "Check"
      - listitem:
        - link "Runs"
      - listitem:
        - link "Sales"
      - listitem:
        - link "Quality"
      - listitem:
        - link /Exceptions/
      - listitem:
        - link "Rows"
      - listitem:
        - link "Audit"
      - listitem:
        - link "Controls"
  - navigation "Workspaces":
    - list:
      - listitem:
        - link "Main workspace"
      - listitem:
        - link "Sample workspace"
- main:
  - search:
    - searchbox "Search for a key, run, file name or digest"
    - button "Search"
`;

const PAGES: [address: string, main: string][] = [
  ['', `
- main:
  - heading "Check" [level=1]
  - paragraph: Drop a sales file here
  - button "Choose a file"
  - button "Try 5,000 sample rows"
  - region "At a glance":
    - heading /^Sales/ [level=2]
    - list:
      - listitem:
        - link "North"
      - listitem:
        - link "South"
      - listitem:
        - link "East"
      - listitem:
        - link "West"
      - listitem:
        - link "Central"
    - heading "What drives them" [level=2]
    - heading "How much is not counted" [level=2]
    - heading "Waiting for someone" [level=2]
    - paragraph:
      - link "384 exceptions"
`],
  ['/runs', `
- main:
  - heading "Runs" [level=1]
  - region "Runs":
    - table:
      - rowgroup:
        - row "File Status Rows In the ledger Exceptions Exception rate Sent"
      - rowgroup:
        - row /shape-24.csv .* Complete 300 285 ₹3,28,565.34 15 ₹15,431.48 5.00 %/:
          - rowheader /shape-24.csv/:
            - link "shape-24.csv"
          - cell "Complete"
          - cell "300"
          - cell "285 ₹3,28,565.34"
          - cell "15 ₹15,431.48"
          - cell "5.00 %"
          - cell:
            - time
`],
  ['/sales', `
- main:
  - heading "Sales" [level=1]
  - form "Filters":
    - combobox "Period"
    - combobox "Compared with"
    - combobox "Region"
    - combobox "Category"
    - combobox "Product"
    - combobox "SKU"
    - combobox "Run"
  - paragraph:
    - link "22 runs"
    - link /% of their rows/
  - term: Revenue
  - term: Orders
  - term: Average order
  - term: Units
  - term: Products sold
  - region "Charts":
    - figure /^Revenue per week/:
      - heading "Revenue per week" [level=3]
      - group "Revenue per week"
    - figure /^Revenue by region/:
      - group "Revenue by region":
        - link /^North/
        - link /^South/
        - link /^East/
        - link /^West/
        - link /^Central/
    - figure /^Revenue by category/
    - figure /^Revenue by product/
    - figure /^Revenue by SKU/:
      - group "Revenue by SKU":
        - link /^SKU-KET-500 · Tomato Ketchup 500g/
`],
  ['/quality', `
- main:
  - heading "Quality" [level=1]
  - form "Which files"
  - region "What changed since last time"
  - term: Quality score
  - term: Exception rate
  - term: Rests on
  - region "Over time":
    - figure /^Exception rate of each file/:
      - group "Exception rate of each file":
        - link /^shape-01.csv/
    - figure /^Quality score of each file/
`],
  ['/exceptions', `
- main:
  - heading "Exceptions" [level=1]
  - navigation "Where they stand":
    - list:
      - listitem:
        - link "Open OPEN_ROWS"
  - paragraph:
    - strong: OPEN_MONEY
`],
  ['/rows', `
- main:
  - heading "Rows" [level=1]
  - form "Filters":
    - textbox "From"
    - textbox "To"
    - combobox "Region"
    - combobox "Category"
    - combobox "Product"
    - combobox "SKU"
    - textbox "Key begins with"
    - combobox "Rows that"
    - combobox "Run"
  - region "Rows of the ledger":
    - table
`],
  ['/audit', `
- main:
  - heading "Audit" [level=1]
  - paragraph:
    - link "Download the log"
    - link "Verify the chain in this browser"
    - link "Verify a file"
  - form "Evidence":
    - textbox "Runs from"
    - textbox "To"
    - button "Download their evidence"
  - paragraph: /Everything that happened has its entry/
  - form "Filters":
    - textbox "Run"
    - textbox "Event"
    - textbox "By"
    - textbox "From"
    - textbox "To"
    - button "Show"
  - region "Entries":
    - table:
      - rowgroup:
        - row "No. Time Event Run Details By Hash"
`],
  ['/controls', `
- main:
  - heading "Controls" [level=1]
`],
];

test('pages tell their structure to those who do not see them', async ({ page, request }) => {
  const { open } = await takeYear(request, 'shape');
  for (const [address, structure] of PAGES) {
    const main = structure.replace('OPEN_ROWS', count(open.rows)).replace('OPEN_MONEY', money(open.money));
    await page.goto(`/w/shape${address}`);
    await expect(page.locator('.frame')).toHaveClass(/awake/);
    await expect(page.locator('body')).toMatchAriaSnapshot(FRAME);
    await expect.soft(page.locator('body'), address).toMatchAriaSnapshot(main);
  }
});

test('a run tells its structure to those who do not see it', async ({ page, request }, info) => {
  const path = info.outputPath('told.csv');
  await write(path, 500, 'told');
  const sent = await request.post('/api/v1/runs?filename=told.csv&workspace=told', {
    data: await readFile(path),
    headers: { 'content-type': 'text/csv' },
  });
  const { id } = await sent.json();
  const status = async () => (await (await request.get(`/api/v1/runs/${id}?workspace=told`)).json()).status;
  await expect.poll(status).toBe('complete');
  await page.goto(`/w/told/runs/${id}`);
  await expect(page.locator('body')).toMatchAriaSnapshot(`
- main:
  - heading "told.csv" [level=1]
  - paragraph: /450 rows with ₹.* went into the ledger; 50 rows with ₹.* became exceptions/
  - navigation "What comes next":
    - link "See these sales"
    - link "Work these exceptions 50"
    - link "Proof"
  - group: "Judged by the server alone: no receipt came with the file."
  - region "Stages":
    - list:
      - listitem: /^Validate/
      - listitem: /^Isolate/
      - listitem: /^Transform/
      - listitem: /^Load/
      - listitem: /^Summarise/
  - term: Quality score
  - term: Exception rate
  - region "What is wrong":
    - table "Errors, most frequent first"
  - region "Rows and money":
    - table
  - region "Rows with findings"
  - region "At a glance"
  - region "All controls"
  - region "From the file to the ledger, and back":
    - list:
      - listitem:
        - heading "File"
      - listitem:
        - paragraph: 500 rows read
        - heading "Contract"
      - listitem:
        - list:
          - listitem:
            - paragraph: 450 rows accepted
            - heading "Ledger"
          - listitem:
            - paragraph: 50 exceptions
            - heading "Exceptions"
  - region "From the file's columns to the ledger's, and back":
    - region "Columns and what becomes of them":
      - table
  - region "Undo, or put another file in its place"
  - region "Downloads"
`);
});
