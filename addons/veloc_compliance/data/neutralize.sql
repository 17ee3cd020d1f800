-- A copy must not need the key of the original, nor be able to open what it sealed:
-- the encrypted values go, and the copy makes keys of its own when it starts.
UPDATE res_partner
   SET veloc_cpf_sealed = NULL, veloc_cpf_blind = NULL,
       veloc_identity_number_sealed = NULL, veloc_identity_number_blind = NULL,
       veloc_mother_name_sealed = NULL
 WHERE veloc_cpf_sealed IS NOT NULL
    OR veloc_identity_number_sealed IS NOT NULL
    OR veloc_mother_name_sealed IS NOT NULL;
DELETE FROM veloc_bank_account;
DELETE FROM ir_attachment WHERE res_model = 'veloc.identity.proof';
DELETE FROM veloc_identity_proof;
UPDATE veloc_subject_key
   SET sealed = NULL,
       destroyed_at = now() AT TIME ZONE 'UTC',
       destroyed_reason = 'neutralized copy'
 WHERE sealed IS NOT NULL;
UPDATE veloc_key_change SET state = 'stopped' WHERE state IN ('waiting', 'running');
-- What was sealed as text or as a file: requests, their files and proofs, notes under
-- secrecy, files of imports, what the law keeps of erased people.
UPDATE veloc_privacy_request SET told_sealed = NULL WHERE told_sealed IS NOT NULL;
UPDATE veloc_privacy_propagation SET sealed = NULL WHERE sealed IS NOT NULL;
UPDATE veloc_privacy_package SET is_gone = true WHERE is_gone IS NOT TRUE;
UPDATE veloc_secrecy_mark SET sealed = NULL WHERE sealed IS NOT NULL;
UPDATE veloc_erasure_vault SET sealed = NULL WHERE sealed IS NOT NULL;
UPDATE veloc_consent_import SET attachment_id = NULL WHERE attachment_id IS NOT NULL;
DELETE FROM ir_attachment
 WHERE res_model IN ('veloc.privacy.package', 'veloc.privacy.proof',
                     'veloc.consent.import', 'veloc.blocklist.import');
DELETE FROM veloc_privacy_proof;
UPDATE veloc_blocklist_import SET state = 'cancelled'
 WHERE state IN ('checked', 'running');
UPDATE veloc_consent_import SET state = 'draft' WHERE state = 'running';
DELETE FROM veloc_data_key;
