/*
 * The portable way, eight bytes a step, which this machine would otherwise
 * never take: the same cases as crm_plain_test.c.
 */

#define CRM_PLAIN_PORTABLE

#include "crm_plain_test.c"
