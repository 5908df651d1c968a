// The command retrieve-inventory.

import { retrieveInventory } from '../../flows/inventories/retrieve-inventory.js';
import type { Run } from '../command-context.js';
import { connect } from '../connection.js';
import { CLEAN } from '../exit-codes.js';
import { inventoryAnswer, inventoryExpectation } from '../report/inventory-news.js';

export const run: Run<'vault'> = async (context) => {
  const { settings, halt, clock } = context;
  await using connection = await connect(context);
  const vault = connection.vaults.vault(settings.vault);
  const format = settings.requestInventoryFormat === 'csv' ? 'CSV' : 'JSON';
  const { isNew, inventory } = await retrieveInventory(format, vault, halt);
  const news = [
    isNew
      ? `Retrieved Inventory, job id ${inventory.jobId}`
      : `An inventory is under way already, and is not asked for again: job id ${inventory.jobId}`,
    inventoryExpectation(inventory, clock.now()),
    'Make a journal of it with mtglacier download-inventory, or compare it with yours with mtglacier verify-remote.',
  ];
  context.answer(inventoryAnswer(isNew ? 'requested' : 'under-way', inventory, news));
  return context.finish({ tables: [], outcome: CLEAN, next: [], saysDone: true });
};
