-- A night asks which codes were redeemed since the last one: the console tells of some long after.
CREATE INDEX IX_CodeEvents_Redeemed ON CodeEvents (RecordedAt, BatchNo, Sequence) WHERE Kind = 'redeemed';
