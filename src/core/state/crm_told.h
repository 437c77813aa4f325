/*
 * What the stream of traces tells of an event, or of a record: the stream is
 * read from its newest entry back, a slice at a time, until there is enough.
 */

#ifndef CRM_TOLD_H
#define CRM_TOLD_H

#include "base/crm_buf.h"
#include "state/crm_cmd.h"
#include "state/crm_reply.h"


/* The stream keeps about so many; what a script of somebody else's has added
 * behind that is not looked at. */
#define CRM_TOLD_MAX_LOOKED  20000

/* Documents of an answer, and their bytes. */
#define CRM_TOLD_MAX_EVENT   200
#define CRM_TOLD_MAX_RECORD  20
#define CRM_TOLD_MAX_BYTES   (1024 * 1024)

/* Zeroed, then event, or module and record_id, and perhaps last, are set. */
typedef struct {
    crm_str_t   event;          /* empty: of the record */
    crm_str_t   module;
    crm_str_t   record_id;
    crm_str_t   last;           /* of the stream: the entry that was looked at
                                   last; empty: none yet */

    crm_str_t   docs[CRM_TOLD_MAX_EVENT];       /* the newest first */
    size_t      count;
    size_t      bytes;
    size_t      looked;
    int         full;           /* there may be more of them, behind last */
    int         ended;          /* nothing more is to be read */
} crm_told_t;


/* Whether text is a place of the stream, as last and "next" are. */
int crm_told_is_place(crm_str_t text);

/* Asks for the next slice. */
crm_cmd_t *crm_told_cmd(const crm_told_t *told, crm_str_t org,
    crm_pool_t *pool);

/* Takes it; told->ended says whether to ask on. What is no trace of ours is
 * passed over. CRM_OK, CRM_EINVAL with *err, CRM_ENOMEM. */
crm_status_t crm_told_take(crm_told_t *told, const crm_reply_t *reply,
    crm_pool_t *pool, crm_error_t *err);

/* {"data":[...],"next":null|"place"}: of an event the oldest first, of a
 * record the newest. */
void crm_told_write(const crm_told_t *told, crm_buf_t *buf);

#endif
