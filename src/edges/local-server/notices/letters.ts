// What a subscriber gets: the JSON around a message, with its signature and the links to answer by.

import type { LetterKind } from './notice-records.js';
import type { SignatureVersion, SigningKey } from './signing-key.js';

/** A message before it is signed. */
export interface Letter {
  readonly kind: LetterKind;
  readonly messageId: string;
  readonly topic: string;
  readonly subscription: string;
  readonly subject: string | null;
  readonly message: string;
  /** Of a confirmation. */
  readonly token: string | null;
  readonly at: number;
}

type LetterFields = Readonly<Record<string, string>>;

/**
 * The letter as text, signed.
 * Source: SNS developer guide, "Parsing Amazon SNS message formats".
 * @param endpoint where this server is reached, for the links in the letter
 */
export async function writeLetter(
  letter: Letter,
  key: SigningKey,
  version: SignatureVersion,
  endpoint: string,
): Promise<string> {
  const fields = fieldsOf(letter, endpoint);
  const { UnsubscribeURL, ...signed } = fields;
  const seal: LetterFields = {
    SignatureVersion: version,
    Signature: await key.sign(textToSign(signed), version),
    SigningCertURL: `${endpoint}${await key.certificatePath()}`,
  };
  const last = UnsubscribeURL === undefined ? {} : { UnsubscribeURL };
  return JSON.stringify({ ...signed, ...seal, ...last }, null, 2);
}

/**
 * Each field's name and value on lines of their own, by name.
 * Source: SNS developer guide, "Verifying the signatures of Amazon SNS messages".
 */
function textToSign(fields: LetterFields): string {
  const names = Object.keys(fields).sort();
  return names.map((name) => `${name}\n${fields[name]}\n`).join('');
}

function fieldsOf(letter: Letter, endpoint: string): LetterFields {
  const { kind, messageId, topic, subscription, subject, message, token } = letter;
  const Timestamp = new Date(letter.at).toISOString();
  if (token === null) {
    const UnsubscribeURL = `${endpoint}/?Action=Unsubscribe&SubscriptionArn=${subscription}`;
    const named = subject === null ? {} : { Subject: subject };
    return { Type: kind, MessageId: messageId, TopicArn: topic, ...named, Message: message, Timestamp, UnsubscribeURL };
  }
  const SubscribeURL = `${endpoint}/?Action=ConfirmSubscription&TopicArn=${topic}&Token=${token}`;
  return { Type: kind, MessageId: messageId, Token: token, TopicArn: topic, Message: message, SubscribeURL, Timestamp };
}
