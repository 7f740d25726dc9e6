#include "assets.h"

// #embed (C23 §6.10.4) is taken in older modes too, with a warning.
#pragma clang diagnostic ignored "-Wc23-extensions"

// To embed another file: an array here, and a line in the table of its kind below. Migrations stand in their order.

static const unsigned char migration_0001[] = {
#embed "../../migrations/0001_initial.sql" suffix(, 0)
};
static const unsigned char migration_0002[] = {
#embed "../../migrations/0002_secrets.sql" suffix(, 0)
};
static const unsigned char migration_0003[] = {
#embed "../../migrations/0003_imported_documents.sql" suffix(, 0)
};
static const unsigned char openapi[] = {
#embed "../../openapi.yaml" suffix(, 0)
};
static const unsigned char settings[] = {
#embed "../../config/sluice.yaml" suffix(, 0)
};
static const unsigned char policy_any[] = {
#embed "../../config/policies/any.yaml" suffix(, 0)
};
static const unsigned char policy_cms_1500[] = {
#embed "../../config/policies/cms-1500.yaml" suffix(, 0)
};
static const unsigned char policy_explanation_of_benefits[] = {
#embed "../../config/policies/explanation-of-benefits.yaml" suffix(, 0)
};
static const unsigned char policy_lab_report[] = {
#embed "../../config/policies/lab-report.yaml" suffix(, 0)
};
static const unsigned char policy_radiology_report[] = {
#embed "../../config/policies/radiology-report.yaml" suffix(, 0)
};
static const unsigned char policy_referral_letter[] = {
#embed "../../config/policies/referral-letter.yaml" suffix(, 0)
};

#define ASSET(name, bytes) {name, bytes, sizeof bytes - 1}
#define COUNT(table) (sizeof table / sizeof table[0])

static const SluiceAsset migrations[] = {
    ASSET("0001_initial.sql", migration_0001),
    ASSET("0002_secrets.sql", migration_0002),
    ASSET("0003_imported_documents.sql", migration_0003),
};
static const SluiceAsset openapis[] = {
    ASSET("openapi.yaml", openapi),
};
static const SluiceAsset settings_files[] = {
    ASSET("sluice.yaml", settings),
};
static const SluiceAsset policies[] = {
    ASSET("any.yaml", policy_any),
    ASSET("cms-1500.yaml", policy_cms_1500),
    ASSET("explanation-of-benefits.yaml", policy_explanation_of_benefits),
    ASSET("lab-report.yaml", policy_lab_report),
    ASSET("radiology-report.yaml", policy_radiology_report),
    ASSET("referral-letter.yaml", policy_referral_letter),
};

static const struct {
    const SluiceAsset *assets;
    size_t count;
} kinds[] = {
    [SluiceAssetMigration] = {migrations, COUNT(migrations)},
    [SluiceAssetOpenAPI] = {openapis, COUNT(openapis)},
    [SluiceAssetSettings] = {settings_files, COUNT(settings_files)},
    [SluiceAssetPolicy] = {policies, COUNT(policies)},
};

const SluiceAsset *sluice_asset(SluiceAssetKind kind, size_t index) {
    if ((size_t)kind >= COUNT(kinds) || index >= kinds[kind].count) return NULL;
    return &kinds[kind].assets[index];
}
