// How soon a retrieval is wanted, and at which price.

export type Tier = 'Expedited' | 'Standard' | 'Bulk';
