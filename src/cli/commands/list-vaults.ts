// The command list-vaults.

import type { Run } from '../command-context.js';
import { connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';
import { sizeText } from '../quantities.js';

export const run: Run = async (context) => {
  await using connection = await connect(context);
  let count = 0;
  for await (const vault of connection.vaults.vaults.list(context.halt.soon)) {
    count++;
    const { name, arn, createdAt, archives, size, inventoryAt } = vault;
    context.answer({
      event: 'vault',
      fields: { name, arn, createdAt, archives, size, inventoryAt },
      lines: [
        name,
        `  created     ${createdAt}`,
        inventoryAt === null
          ? '  inventory   none taken yet'
          : `  inventory   ${inventoryAt}: ${archives} archives, ${sizeText(size)}`,
        `  arn         ${arn}`,
      ],
    });
  }
  if (count === 0) {
    const message = `there are no vaults in ${connection.vaults.region}`;
    context.report({ event: 'notice', topic: 'no-vaults', message, hint: null });
  }
  return context.finish({ tables: [], outcome: CLEAN, next: [] });
};
