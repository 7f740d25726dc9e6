#pragma once

#include <stddef.h>

/// One file of the repository, embedded when the program was built. The bytes end with a NUL that `count` leaves out.
typedef struct {
    /// The file's own name, without folders.
    const char *_Nonnull name;
    const unsigned char *_Nonnull bytes;
    size_t count;
} SluiceAsset;

typedef enum {
    /// migrations/NNNN_name.sql, in their order.
    SluiceAssetMigration = 0,
    /// openapi.yaml.
    SluiceAssetOpenAPI = 1,
    /// config/sluice.yaml.
    SluiceAssetSettings = 2,
    /// config/policies/*.yaml, by name.
    SluiceAssetPolicy = 3,
} SluiceAssetKind;

/// The asset of a kind at an index from 0; NULL past the last. Static memory: valid for ever, from any thread.
const SluiceAsset *_Nullable sluice_asset(SluiceAssetKind kind, size_t index);
