-- Whose the calls of a console's channel are, where a record does not name its upstream: from a quarter-hour on (quarter-hours since 1970; 0: since ever) until the
-- channel's next row begins. Upstream NULL: nobody's from then.
CREATE TABLE ChannelOwners (
    SourceId int NOT NULL CONSTRAINT FK_ChannelOwners_UsageSources REFERENCES UsageSources (Id),
    Channel nvarchar(40) ${ordinal} NOT NULL,
    FromQuarter int NOT NULL CONSTRAINT CK_ChannelOwners_FromQuarter CHECK (FromQuarter >= 0),
    Upstream nvarchar(40) ${ordinal} NULL CONSTRAINT FK_ChannelOwners_Upstreams REFERENCES Upstreams (Name),
    RecordedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) ${ordinal} NOT NULL,
    CONSTRAINT PK_ChannelOwners PRIMARY KEY (SourceId, Channel, FromQuarter)
);
INSERT INTO ChannelOwners (SourceId, Channel, FromQuarter, Upstream, RecordedAt, RecordedBy)
SELECT SourceId, Channel, 0, Upstream, RecordedAt, RecordedBy FROM ChannelUpstreams;
DROP TABLE ChannelUpstreams;
