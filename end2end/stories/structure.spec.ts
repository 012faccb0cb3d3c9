// What those who do not see a page are told of it: its parts, their names and their order. Figures that change from day
// to day stand open.
import { readFile } from 'node:fs/promises';
import { HEADER, count, money, write } from './sales';
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
      - link "OPEN_ROWS exceptions"
`],
  ['/runs', `
- main:
  - heading "Runs" [level=1]
  - region "Runs":
    - table:
      - rowgroup:
        - row "File Status Rows In the ledger Exceptions Exception rate Came"
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
    - figure /^Revenue by category and region/:
      - group "Revenue by category and region":
        - link /^Dairy Products, North. ₹/
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
    - combobox "Period"
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
    - combobox "Period"
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

const ONES: [address: string, main: string][] = [
  ['/runs/RUN/exceptions/2', `
- main:
  - heading "Exception 2" [level=1]
  - paragraph:
    - link "All exceptions"
  - paragraph:
    - link "this run"
  - region "What is wrong":
    - list:
      - listitem:
        - code: Nort
        - code: region
  - region "Correct it":
    - paragraph:
      - textbox "order_id"
    - paragraph:
      - textbox "order_date"
    - paragraph:
      - textbox "region" [invalid]
    - paragraph:
      - textbox "product"
    - paragraph:
      - textbox "quantity"
    - paragraph:
      - textbox "revenue"
    - status
    - paragraph:
      - textbox "Why this correction, if that is not plain"
    - paragraph:
      - button "Judge and save"
  - region "Or else":
    - paragraph: "It cannot be let in as it is: the contract lets nobody waive VAL05."
    - paragraph:
      - textbox "Why leave it out"
    - paragraph:
      - button "Leave it out for good"
    - paragraph:
      - button "Judge it again"
    - paragraph:
      - textbox "Who takes it; nobody where it is empty"
    - paragraph:
      - button "Assign"
    - paragraph:
      - textbox "What there is to say"
    - paragraph:
      - button "Comment"
  - region "History"
`],
  ['/runs/RUN/rows/1', `
- main:
  - heading "Row 1" [level=1]
  - paragraph:
    - text: /Counts.*line 2 of/
    - link "alone.csv"
  - term: Key
  - definition: alone-1
  - term: Day
  - term: Region
  - term: Product
  - term: SKU
  - term: Category
  - term: Quantity
  - term: Unit price
  - term: Revenue
  - definition: ₹10.00
  - region "From the file's columns to the ledger's, and back":
    - region "Columns and what becomes of them":
      - table:
        - rowgroup:
          - row "File Contract What happens Ledger"
        - rowgroup:
          - row "order_id column 1 order_id → as it stands row_key alone-1"
  - region "What it rests on":
    - term: File
    - term: SHA-256
    - term: BLAKE3
    - term: Contract
    - term: Judged
    - term: Controls that ran
    - definition:
      - link "CMP01"
    - term: Run
    - definition:
      - link /^run_/
      - link "its entries in the audit log"
`],
  ['/search?q=alone-2', `
- main:
  - search:
    - 'searchbox "Search for a key, run, file name or digest"': alone-2
  - heading "Search" [level=1]
  - region "As a key":
    - list:
      - listitem:
        - paragraph:
          - text: An open exception of run
          - link "alone.csv"
          - link "line 3"
        - list:
          - listitem:
            - code: Nort
            - code: region
  - paragraph:
    - link "Rows whose key begins with alone-2"
`],
  ['/controls/contracts/sales', `
- main:
  - heading "Contract sales" [level=1]
  - paragraph: /In force.*1\.0\.0/
  - navigation "What can be done with it":
    - link "Edit as a draft"
    - link "YAML"
    - link "JSON"
  - region "Columns":
    - table:
      - rowgroup:
        - row "Column Holds Asked for Limits Other names that are accepted"
      - rowgroup:
        - row /^Order id order_id a code, kept as it is written/:
          - rowheader "Order id order_id"
  - region "What makes a row an exception, or holds the file":
    - region "Errors":
      - table:
        - rowgroup:
          - row "Control What it finds About"
        - rowgroup:
          - row /^SCH01/:
            - rowheader:
              - link "SCH01"
  - region "What warns":
    - region "Warnings":
      - table
  - region "Goals":
    - list:
      - listitem:
        - text: A file is good where its quality score is above
        - strong: 95 %
      - listitem:
        - text: Its share of exceptions has to be below
        - strong: 5 %
      - listitem:
        - text: Where more than
        - strong: 50 %
  - region "Lists":
    - list:
      - listitem:
        - link "regions"
      - listitem:
        - link "products"
  - region "What a person may let in":
    - list
  - region "Versions":
    - table:
      - rowgroup:
        - row "Version Status Drafted Decided Why Go back"
`],
  ['/controls/contracts/sales/lists/regions', `
- main:
  - heading "List regions" [level=1]
  - paragraph:
    - link "sales"
  - region "Values":
    - search "Values":
      - searchbox "Value, synonym or attribute"
      - button "Find"
    - paragraph:
      - link "CSV"
    - region "Values of the list":
      - table:
        - rowgroup:
          - row "Value Change Read as the same Rows in the ledger"
        - rowgroup:
          - row "North Northern, North India 1":
            - rowheader "North"
            - cell:
              - group: Change
            - cell "Northern, North India"
            - cell "1"
  - region "Add":
    - textbox "New value"
    - textbox "Why (may stay empty)"
    - button "Add the value"
    - heading "The whole list, from a file" [level=3]
    - button "File"
    - button "Upload and compare"
`],
  ['/verify', `
- main:
  - heading "Verify" [level=1]
  - region "File to verify":
    - paragraph: /^Drop an evidence file/
    - paragraph:
      - button "Choose a file"
    - paragraph: Ready. From here on no network is needed.
`],
];

test('pages of one thing tell their structure to those who do not see them', async ({ page, request }) => {
  const row = (key: string, region: string) => `${key},2026-01-15,${region},Milk 1L,1,10.00`;
  const sent = await request.post('/api/v1/runs?filename=alone.csv&workspace=alone', {
    data: [HEADER, row('alone-1', 'North'), row('alone-2', 'Nort'), row('alone-3', 'East'), ''].join('\n'),
    headers: { 'content-type': 'text/csv' },
  });
  const { id } = await sent.json();
  const status = async () => (await (await request.get(`/api/v1/runs/${id}?workspace=alone`)).json()).status;
  await expect.poll(status).toBe('complete');
  for (const [address, main] of ONES) {
    await page.goto(address === '/verify' ? address : `/w/alone${address.replace('RUN', id)}`);
    await expect(page.locator('.frame')).toHaveClass(/awake/);
    await expect.soft(page.locator('body'), address).toMatchAriaSnapshot(main);
  }
});
