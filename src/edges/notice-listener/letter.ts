// A letter of SNS as it is posted to an endpoint: its fields, and the text that its signature is about.

const LETTER_KINDS = ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation'] as const;

type LetterKind = (typeof LETTER_KINDS)[number];

/** Nothing of it is believed before its signature was verified. */
export interface Letter {
  readonly kind: LetterKind;
  readonly messageId: string;
  readonly topic: string;
  readonly message: string;
  /** ms since 1970. */
  readonly at: number;
  /** Of a confirmation; empty in a notification. */
  readonly token: string;
  readonly signature: Signature;
  /** What is signed. */
  readonly signed: string;
}

interface Signature {
  readonly version: '1' | '2';
  readonly bytes: Buffer;
  /** Where the certificate is said to be. */
  readonly certificate: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Source: SNS developer guide, "Verifying the signatures of Amazon SNS messages". */
const SIGNED: Readonly<Record<LetterKind, readonly string[]>> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
  UnsubscribeConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
};

/** Null for what is no letter. */
export function letterIn(body: string): Letter | null {
  const fields = fieldsIn(body);
  const kind = LETTER_KINDS.find((one) => one === fields['Type']);
  if (kind === undefined) return null;
  const signed = signedText(fields, SIGNED[kind]);
  const signature = signatureIn(fields);
  const at = Date.parse(textOf(fields, 'Timestamp'));
  if (signed === null || signature === null || Number.isNaN(at)) return null;
  const [messageId, topic, message] = ['MessageId', 'TopicArn', 'Message'].map((name) => textOf(fields, name));
  if (!messageId || !topic || message === undefined) return null;
  return { kind, messageId, topic, message, at, token: textOf(fields, 'Token'), signature, signed };
}

/** Each field's name and value on lines of their own, in the order of the names; a letter may do without a subject. */
function signedText(fields: Fields, names: readonly string[]): string | null {
  const lines: string[] = [];
  for (const name of names) {
    const value = fields[name] ?? null;
    if (value === null && name === 'Subject') continue;
    if (typeof value !== 'string') return null;
    lines.push(name, value);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function signatureIn(fields: Fields): Signature | null {
  const version = fields['SignatureVersion'];
  const [text, certificate] = [textOf(fields, 'Signature'), textOf(fields, 'SigningCertURL')];
  if ((version !== '1' && version !== '2') || certificate === '' || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  return { version, bytes: Buffer.from(text, 'base64'), certificate };
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

function fieldsIn(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
  } catch {
    return {};
  }
}
