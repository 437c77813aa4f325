/*
 * Features that a request asks for.
 */

#include "crm_cli_feature.h"

#include "record/crm_dialect.h"


const char *const  crm_cli_features[] = {
    "criteria_validation_rule", "assignment_rules", NULL
};

static const unsigned  feature_bits[] = {
    CRM_APPLY_CRITERIA, CRM_APPLY_ASSIGNMENT
};


unsigned
crm_cli_feature(const char *name)
{
    size_t  i;

    for (i = 0; crm_cli_features[i]; i++) {
        if (strcmp(name, crm_cli_features[i]) == 0) {
            return feature_bits[i];
        }
    }

    return 0;
}
