// The command that puts in place what tells that something is ready.

import { type Command, command } from '../words/command.js';
import { needs } from '../words/together.js';
import { BACK, COMMON, CONNECTION } from './building-blocks.js';

export const NOTICE_COMMANDS: readonly Command[] = [
  command({
    name: 'notify',
    group: BACK,
    summary: 'be told by the vault when something is ready, instead of asking it',
    positionals: [
      {
        name: 'ACTION',
        help: 'action: setup, status, teardown, email, listen',
        words: ['setup', 'status', 'teardown', 'email', 'listen'],
      },
      { name: 'ADDRESS', help: 'address of mail, after email', optional: true },
    ],
    mandatory: ['vault'],
    uses: [
      'vault',
      'journal',
      'queue',
      'sns-topic',
      'dry-run',
      'bind',
      'tls-cert',
      'tls-key',
      'behind-proxy',
      'subscribe',
      ...CONNECTION,
      ...COMMON,
    ],
    together: [needs('tls-cert', 'tls-key'), needs('tls-key', 'tls-cert')],
    about:
      'setup makes an SNS topic and an SQS queue, both called mtglacier-VAULT, lets the topic send to the queue and ' +
      'no one else, and has the vault tell the topic; what is in place stays as it is. From then on restore --wait and ' +
      'watch are told by the queue. status shows each piece, teardown takes away what setup made, and email has a ' +
      'mailbox told too. With --sns-topic an existing topic takes the place of our own.\n\n' +
      'listen is for those who would rather be told at an address of the web: it takes the letters of the topic, ' +
      'verifies their signatures, and writes beside --journal which jobs have ended, where any number of waiting runs ' +
      'see it. docs/notifications.md tells what each key must be allowed, and why nothing that is forged is believed.',
    examples: [
      'mtglacier notify setup --config glacier.cfg --vault photos',
      'mtglacier notify status --config glacier.cfg --vault photos',
      'mtglacier notify email you@home.example --config glacier.cfg \\\n    --vault photos',
      'mtglacier notify listen --config glacier.cfg --vault photos \\\n    --journal photos.journal --bind 127.0.0.1:8480 \\\n    --subscribe https://home.example/glacier',
    ],
    run: async (context) => (await import('../commands/notify.js')).run(context),
  }),
];
