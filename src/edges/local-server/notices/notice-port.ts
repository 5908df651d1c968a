// The way out for job notices: whoever publishes messages to topics stands behind this.

export interface Notices {
  /**
   * Resolves when the message is on stable storage where it is published, or when there is no such topic: then nobody
   * hears of it, and a line of the log says so. When it rejects, the same message comes again: at least once, as SNS has it.
   * @param topicArn as the vault's configuration or the job has it; verified by nobody before
   * @param subject null for job notices, which have none
   * @param accountId whose vault it is about
   */
  publish(topicArn: string, message: string, subject: string | null, accountId: string): Promise<void>;
}
