using BackOffice.Data.Audit;
using BackOffice.Data.Engine;
using BackOffice.Domain;

namespace BackOffice.Data.Packages;

/// <summary>Packages: each method is one act in one transaction, with its audit row. Two who change the same package at once: one is refused.</summary>
public sealed class PackageStore(Database database)
{
    /// <summary>Adds a package, on sale as soon as it has a charge price.</summary>
    /// <exception cref="RefusedException">There is a package of that slug.</exception>
    public async Task AddAsync(NewPackage package, string by, CancellationToken token = default)
    {
        try
        {
            await database.WriteAsync(WriteRank.Request, async session =>
            {
                await session.ExecuteAsync(Insert, package, token).ConfigureAwait(false);
                var act = new AuditAct
                {
                    Who = by,
                    Action = AuditActions.PackageAdded,
                    Subject = Subject(package.Slug),
                    After = new { package.NameEnglish, package.NameChinese, package.AudienceEnglish, package.AudienceChinese, package.Position, package.Tokens },
                };
                await AuditLog.AppendAsync(session, act, token).ConfigureAwait(false);
            }, token).ConfigureAwait(false);
        }
        catch (Exception failure) when (database.Dialect.IsUniqueViolation(failure))
        {
            throw new RefusedException(new Refusal("PackageExists", "slug", package.Slug));
        }
    }

    /// <summary>Changes names, audience and place.</summary>
    /// <exception cref="RefusedException">Somebody changed the package or its prices since it was read.</exception>
    public Task ChangeAsync(PackageChange change, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var before = await HoldAsync(session, change.Slug, change.Version, token).ConfigureAwait(false);
            await session.ExecuteAsync(Update, new Named(change.Slug, change.NameEnglish, change.NameChinese, change.AudienceEnglish, change.AudienceChinese, change.Position), token).ConfigureAwait(false);
            var act = new AuditAct
            {
                Who = by,
                Action = AuditActions.PackageChanged,
                Subject = Subject(change.Slug),
                Before = new { before.NameEnglish, before.NameChinese, before.AudienceEnglish, before.AudienceChinese, before.Position },
                After = new { change.NameEnglish, change.NameChinese, change.AudienceEnglish, change.AudienceChinese, change.Position },
            };
            await AuditLog.AppendAsync(session, act, token).ConfigureAwait(false);
        }, token);

    /// <summary>Retires a package, or brings it back. Its prices and what was sold stay as they are.</summary>
    /// <exception cref="RefusedException">Somebody changed the package since it was read, or it is so already.</exception>
    public Task SetActiveAsync(string slug, long version, bool active, string reason, string by, CancellationToken token = default) =>
        database.WriteAsync(WriteRank.Request, async session =>
        {
            var before = await HoldAsync(session, slug, version, token).ConfigureAwait(false);
            if (before.Active == active)
                throw new RefusedException(new Refusal("PackageChanged", ""));
            await session.ExecuteAsync(UpdateActive, new Activity(slug, active), token).ConfigureAwait(false);
            var act = new AuditAct
            {
                Who = by,
                Action = active ? AuditActions.PackageBroughtBack : AuditActions.PackageRetired,
                Subject = Subject(slug),
                Reason = reason,
                Before = new { before.Active },
                After = new { Active = active },
            };
            await AuditLog.AppendAsync(session, act, token).ConfigureAwait(false);
        }, token);

    internal static string Subject(string slug) => AuditSubject.Of("package", slug);

    /// <summary>
    /// Advances the version, which holds the package and with it its prices until the transaction ends: on SQL Server by the lock of its row, on SQLite by the
    /// gate. So what is read afterwards stays as it is read. First thing in a transaction that changes any of them.
    /// </summary>
    /// <returns>The package as it is.</returns>
    /// <exception cref="RefusedException">It is no longer the version that was read.</exception>
    internal static async Task<PackageRow> HoldAsync(WriteSession session, string slug, long version, CancellationToken token)
    {
        if (await session.ExecuteAsync(AdvanceVersion, new Versioned(slug, version), token).ConfigureAwait(false) != 1)
            throw new RefusedException(new Refusal("PackageChanged", ""));
        return await session.GetAsync<PackageRow>(PackageQueries.ReadPackage, new OfPackage(slug), token).ConfigureAwait(false);
    }

    /// <summary>Which package.</summary>
    public sealed record OfPackage(string Package);

    /// <summary>A package as it was read.</summary>
    public sealed record Versioned(string Slug, long Version);

    /// <summary>What may be changed.</summary>
    public sealed record Named(string Slug, string NameEnglish, string NameChinese, string AudienceEnglish, string AudienceChinese, int Position);

    /// <summary>On sale or not.</summary>
    public sealed record Activity(string Slug, bool Active);

    /// <summary>Takes the row's lock.</summary>
    public static readonly Sql<Versioned> AdvanceVersion = new("UPDATE Packages SET Version = Version + 1 WHERE Slug = @Slug AND Version = @Version");

    /// <summary>Takes the row's lock, whoever was there before.</summary>
    public static readonly Sql<OfPackage> AdvanceAnyVersion = new("UPDATE Packages SET Version = Version + 1 WHERE Slug = @Package");

    /// <summary>A new package.</summary>
    public static readonly Sql<NewPackage> Insert = new("""
        INSERT INTO Packages (Slug, NameEnglish, NameChinese, AudienceEnglish, AudienceChinese, Tokens, Active, Position, Version)
        VALUES (@Slug, @NameEnglish, @NameChinese, @AudienceEnglish, @AudienceChinese, @Tokens, 1, @Position, 1)
        """);

    /// <summary>Names, audience, place.</summary>
    public static readonly Sql<Named> Update = new("""
        UPDATE Packages
        SET NameEnglish = @NameEnglish, NameChinese = @NameChinese, AudienceEnglish = @AudienceEnglish, AudienceChinese = @AudienceChinese, Position = @Position
        WHERE Slug = @Slug
        """);

    /// <summary>On sale or not.</summary>
    public static readonly Sql<Activity> UpdateActive = new("UPDATE Packages SET Active = @Active WHERE Slug = @Slug");
}

/// <summary>A package that is to be added.</summary>
/// <param name="Slug">Lower-case letters, digits and hyphens, at most 40.</param>
/// <param name="NameEnglish">At most 100 characters.</param>
/// <param name="NameChinese">At most 100 characters.</param>
/// <param name="AudienceEnglish">At most 200 characters.</param>
/// <param name="AudienceChinese">At most 200 characters.</param>
/// <param name="Tokens">Of one unit; never changed, because orders and deliveries count in it.</param>
/// <param name="Position">Place on the shop's page, from 1; of two with one place the slug decides.</param>
public sealed record NewPackage(string Slug, string NameEnglish, string NameChinese, string AudienceEnglish, string AudienceChinese, long Tokens, int Position);

/// <summary>What is to be changed of a package; lengths as in <see cref="NewPackage"/>.</summary>
/// <param name="Slug">Which one.</param>
/// <param name="Version">The version that was read.</param>
/// <param name="NameEnglish">English name.</param>
/// <param name="NameChinese">Chinese name.</param>
/// <param name="AudienceEnglish">Who it is for, in English.</param>
/// <param name="AudienceChinese">Who it is for, in Chinese.</param>
/// <param name="Position">Place on the shop's page, from 1.</param>
public sealed record PackageChange(string Slug, long Version, string NameEnglish, string NameChinese, string AudienceEnglish, string AudienceChinese, int Position);
