-- A fee row gets its end once, like every row with dates. EndedAt: when it got it; a run as known before does not see the end.
ALTER TABLE FeeRules ADD EndedAt datetime2(3) NULL;
ALTER TABLE FeeRules ADD RecordedBy nvarchar(320) ${ordinal} NULL;
