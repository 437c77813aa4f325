/*
 * The features that a request may ask for by apply_feature_execution, those
 * that this version acts upon: of eval, and of tests.
 */

#ifndef CRM_CLI_FEATURE_H
#define CRM_CLI_FEATURE_H


extern const char *const crm_cli_features[];

/* CRM_APPLY_...; 0: there is none of that name. */
unsigned crm_cli_feature(const char *name);

#endif
