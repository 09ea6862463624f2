using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace BackOffice.Data.Tests;

/// <summary>Where compiled code makes objects: every <c>new</c> of a type, found in the instructions of a method.</summary>
internal static class Constructions
{
    private const BindingFlags Declared = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<int, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Static | BindingFlags.Public)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value & 0xFFFF);

    /// <summary>Each method or constructor of a type with the types of which it makes objects, one for each place.</summary>
    public static IEnumerable<(MethodBase Maker, Type Made)> In(Type type) =>
        from maker in type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared))
        from made in By(maker)
        select (maker, made);

    private static IEnumerable<Type> By(MethodBase maker)
    {
        var code = maker.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at < code.Length;)
        {
            var opCode = OpCodesByValue[code[at] == 0xFE ? 0xFE00 | code[at + 1] : code[at]];
            at += opCode.Size;
            if (opCode == OpCodes.Newobj && Made(maker, BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at))) is { } made)
                yield return made;
            at += OperandSize(opCode, code.AsSpan(at));
        }
    }

    private static Type? Made(MethodBase maker, int token) => maker.Module.ResolveMethod(
        token,
        maker.DeclaringType!.IsGenericType ? maker.DeclaringType.GetGenericArguments() : null,
        maker.IsGenericMethod ? maker.GetGenericArguments() : null)?.DeclaringType;

    private static int OperandSize(OpCode code, ReadOnlySpan<byte> operand) => code.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + 4 * BinaryPrimitives.ReadInt32LittleEndian(operand),
        _ => 4,
    };
}
