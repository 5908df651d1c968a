// The command list-vaults.

import type { Run } from '../command-context.js';
import { connect } from '../connection.js';
import { EXIT } from '../exit-codes.js';
import { sizeText } from '../quantities.js';

export const run: Run = async (context) => {
  await using connection = await connect(context);
  for await (const vault of connection.vaults.vaults.list(context.halt.now)) {
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
  return EXIT.done;
};
