import Checks

/// libFuzzer calls this with each input. Safe: the input is copied before anything else is done.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    do throws(Finding) {
        try Check.patterns.run(bytes)
    } catch {
        fatalError(error.reason)
    }
    return 0
}
