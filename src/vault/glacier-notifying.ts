// Whom a Glacier vault tells that jobs have ended.

import {
  DeleteVaultNotificationsCommand,
  GetVaultNotificationsCommand,
  SetVaultNotificationsCommand,
} from '@aws-sdk/client-glacier';
import { TopicArn, type VaultName } from '../model/identifiers.js';
import { unless } from './errors.js';
import { accountId, type GlacierConnection } from './glacier-client.js';
import type { Notifying } from './retrieving-port.js';
import type { Asked } from './server-errors.js';

/** Source: Glacier developer guide, "Configuring Vault Notifications". */
const OF_ARCHIVES = 'ArchiveRetrievalCompleted';
const OF_INVENTORIES = 'InventoryRetrievalCompleted';

export function glacierNotifying(connection: GlacierConnection, vaultName: VaultName): Notifying {
  const asked = (deed: string, what: Asked['what'] = 'vault'): Asked => {
    return { deed: `${deed} notifications of vault ${vaultName}`, what, vault: vaultName };
  };
  return {
    async notifications(signal) {
      const command = new GetVaultNotificationsCommand({ accountId, vaultName });
      const answer = await connection.send(command, asked('read', 'notifications'), signal).catch(unless('NOT_SET'));
      const { SNSTopic: topic, Events: events = [] } = answer?.output.vaultNotificationConfig ?? {};
      if (topic === undefined) return null;
      const [ofArchives, ofInventories] = [events.includes(OF_ARCHIVES), events.includes(OF_INVENTORIES)];
      return { topic: TopicArn.parse(topic), ofArchives, ofInventories };
    },

    async notify({ topic, ofArchives, ofInventories }, signal) {
      const events = [...(ofArchives ? [OF_ARCHIVES] : []), ...(ofInventories ? [OF_INVENTORIES] : [])];
      const vaultNotificationConfig = { SNSTopic: topic, Events: events };
      const command = new SetVaultNotificationsCommand({ accountId, vaultName, vaultNotificationConfig });
      await connection.send(command, asked('set'), signal);
    },

    async stopNotifying(signal) {
      const command = new DeleteVaultNotificationsCommand({ accountId, vaultName });
      await connection.send(command, asked('delete'), signal);
    },
  };
}
