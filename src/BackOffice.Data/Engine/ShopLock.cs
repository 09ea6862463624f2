using BackOffice.Domain;

namespace BackOffice.Data.Engine;

/// <summary>
/// Tells whether anybody has a SQLite shop open: every process of the back office shares a lock on a file beside the database, and who replaces the
/// database must have it alone. The system lets go of it when a process ends, however it ends; the file itself stays.
/// </summary>
public static class ShopLock
{
    /// <summary>The file that is locked.</summary>
    public static string FileOf(string databaseFile) => databaseFile + ".in-use";

    /// <summary>Uses the shop together with others; null where nothing can be locked (no database, a folder that may only be read).</summary>
    /// <exception cref="RefusedException">A restore is under way.</exception>
    public static FileStream? Share(string databaseFile)
    {
        if (!File.Exists(databaseFile))
            return null;
        try
        {
            return new FileStream(FileOf(databaseFile), FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read);
        }
        catch (UnauthorizedAccessException)
        {
            return null; // SQLite says what may not be done
        }
        catch (IOException) when (!File.Exists(FileOf(databaseFile)))
        {
            return null; // a full or read-only disk: reading goes on
        }
        catch (IOException)
        {
            throw new RefusedException(new Refusal("RestoreUnderWay", "", databaseFile));
        }
    }

    /// <summary>Has the shop alone, to replace it. The folder must be there.</summary>
    /// <exception cref="RefusedException">Somebody has it open.</exception>
    public static FileStream TakeAlone(string databaseFile)
    {
        try
        {
            return new FileStream(FileOf(databaseFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException) when (File.Exists(FileOf(databaseFile)))
        {
            throw new RefusedException(new Refusal("ShopRunning", "", databaseFile));
        }
    }
}
