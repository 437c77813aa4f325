/*
 * Which organisations this worker serves: those of --org, or all that stand
 * in crm:orgs, read again every few seconds.
 */

#ifndef CRM_WORKER_ORGS_H
#define CRM_WORKER_ORGS_H

#include "crm_worker_fetch.h"


/* Starts to serve what is new and to leave what is gone; with crm:orgs, when
 * Redis has answered. Sets fetch->listed. */
void crm_worker_orgs_list(crm_worker_fetch_t *fetch);

#endif
