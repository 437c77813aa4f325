/*
 * Stored revisions: their bundles, and what the history notes of them.
 *
 * A bundle never changes once it is stored. What the history notes with it is
 * its digest, so that one that somebody has changed by hand is recognised.
 */

#ifndef CRM_CLI_REVISION_H
#define CRM_CLI_REVISION_H

#include <jansson.h>

#include "base/crm_digest.h"
#include "crm_store.h"


#define CRM_CLI_SHA256_LEN  (2 * CRM_DIGEST_LEN)

typedef struct {
    long long    number;
    json_t      *bundle;            /* ends with the pool */
    char         sha256[CRM_CLI_SHA256_LEN + 1];    /* of the stored text */
} crm_cli_revision_t;

/* What the history notes of a revision; unknown texts are "", numbers -1. */
typedef struct {
    long long    number;
    long long    at_ms;
    const char  *author;
    const char  *access;            /* operator, or person: by crm_api */
    const char  *message;
    const char  *managed_by;        /* "": of a rollback, too */
    const char  *sha256;
    long long    objects;
    long long    added;
    long long    changed;
    long long    removed;
    long long    rollback_to;       /* whose content it has, or -1 */
} crm_cli_note_t;

typedef struct {
    crm_cli_note_t  *items;         /* the newest first */
    size_t           count;
} crm_cli_notes_t;


/*
 * Reads the bundle of revision number. CRM_DECLINED: Redis has none;
 * CRM_EINVAL with *err, when it is no bundle; CRM_ENOMEM.
 */
crm_status_t crm_cli_revision_read(crm_cli_revision_t *revision,
    crm_store_t *store, const char *org, long long number, crm_pool_t *pool,
    crm_error_t *err);

/* The whole history. What is no note of ours is passed over. */
crm_status_t crm_cli_revision_notes(crm_cli_notes_t *notes,
    crm_store_t *store, const char *org, crm_pool_t *pool, crm_error_t *err);

/* The note of one revision; CRM_DECLINED when there is none. */
crm_status_t crm_cli_revision_note(crm_cli_note_t *note, crm_store_t *store,
    const char *org, long long number, crm_pool_t *pool, crm_error_t *err);

/* 0 if the note has another digest than that of the bundle. */
int crm_cli_revision_is_noted(const crm_cli_note_t *note,
    const char *sha256);

/* A revision's number as people type it, from 1 on. 0, or -1. */
int crm_cli_revision_parse(long long *number, crm_str_t text);

/* Has bundle a list of objects, as every bundle of ours? */
int crm_cli_revision_is_bundle(const json_t *bundle);

/* The digest of text, as 64 hex digits and a zero byte. */
void crm_cli_revision_sha256(char *sha256, crm_str_t text);

#endif
