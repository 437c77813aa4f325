/*
 * Notices: mails that no email_notification names, since their rule says no
 * more than who is to hear of it (notify). What they say is ours; from whom
 * they come is the organization's mail_from.
 */

#ifndef CRM_NOTICE_H
#define CRM_NOTICE_H

#include "rules/crm_action.h"


/* Why a notice is not sent, as traces tell it: there is no mail_from. */
#define CRM_NOTICE_NO_SENDER  "no_sender"


/*
 * Makes email a notice about a record of cc's CRM module: its subject is about
 * in front of module and id, its text the sentence why behind them. to is
 * borrowed. Where nobody is named as its sender, email->from is empty and a
 * warning at path says so. CRM_OK or CRM_ENOMEM.
 */
crm_status_t crm_notice(crm_email_t *email, const char *about, crm_str_t why,
    const char *path, crm_compile_t *cc);

/* An action of its own, the seq-th of its list: to count parties. */
crm_status_t crm_notice_action(crm_action_t *action, unsigned seq,
    crm_party_t *to, size_t count, const char *about, crm_str_t why,
    const char *path, crm_compile_t *cc);

#endif
