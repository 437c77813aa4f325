/*
 * The portable way through strings, eight bytes a step, which this machine
 * would otherwise never take: the same cases as crm_token_test.c.
 */

#define CRM_PLAIN_PORTABLE

#include "record/crm_token.c"

#include "crm_token_test.c"
