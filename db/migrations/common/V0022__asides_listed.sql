-- What waits for a decision, in the order of its list: of an import, of a kind, of a kind of an import.
CREATE INDEX IX_UsageAsides_Import ON UsageAsides (ImportId, RecordedAt, Id) WHERE State = 'open';
CREATE INDEX IX_UsageAsides_Kind ON UsageAsides (Kind, RecordedAt, Id) WHERE State = 'open';
CREATE INDEX IX_UsageAsides_ImportKind ON UsageAsides (ImportId, Kind, RecordedAt, Id) WHERE State = 'open';
