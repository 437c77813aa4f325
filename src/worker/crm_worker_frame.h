/*
 * What worker and function say to each other: frames over two pipes.
 *
 *     kind (1 byte), length of the text (4 bytes, the highest first), text
 *
 *     worker -> function   START   what is to run, once
 *                          ANSWER  JSON: what came of an effect
 *                          FILE    JSON: a FILE that came of it
 *                          THROW   a sentence: it failed; can be caught
 *                          LIMIT   a sentence: it may not; cannot be caught
 *     function -> worker   EFFECT  JSON: {"name", "line", "args": [...]}
 *                          RESULT  JSON: how the run ended, once
 */

#ifndef CRM_WORKER_FRAME_H
#define CRM_WORKER_FRAME_H

#include "base/crm_buf.h"


#define CRM_WORKER_FRAME_HEAD  5

/* Of a text: a result of ten megabytes and what stands around it. */
#define CRM_WORKER_FRAME_MAX   (12 * 1024 * 1024)

typedef enum {
    CRM_WORKER_FRAME_START = 'S',
    CRM_WORKER_FRAME_ANSWER = 'A',
    CRM_WORKER_FRAME_FILE = 'F',
    CRM_WORKER_FRAME_THROW = 'T',
    CRM_WORKER_FRAME_LIMIT = 'L',
    CRM_WORKER_FRAME_EFFECT = 'E',
    CRM_WORKER_FRAME_RESULT = 'R'
} crm_worker_frame_kind_t;


/* Puts a frame's head into buf, whose text of len bytes is to follow. */
static inline void
crm_worker_frame_head(unsigned char head[CRM_WORKER_FRAME_HEAD],
    crm_worker_frame_kind_t kind, size_t len)
{
    head[0] = (unsigned char) kind;
    head[1] = (unsigned char) (len >> 24);
    head[2] = (unsigned char) (len >> 16);
    head[3] = (unsigned char) (len >> 8);
    head[4] = (unsigned char) len;
}


static inline size_t
crm_worker_frame_len(const unsigned char head[CRM_WORKER_FRAME_HEAD])
{
    return (size_t) head[1] << 24 | (size_t) head[2] << 16
           | (size_t) head[3] << 8 | head[4];
}

#endif
